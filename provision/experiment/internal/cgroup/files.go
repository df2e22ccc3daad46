package cgroup

import (
	"io/ioutil"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// unlimitedV1 is where v1's counters stop; what is at or near it is no limit.
const unlimitedV1 = int64(1) << 62

func write(dir, file, text string) error {
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

func read(dir, file string) (string, error) {
	text, err := ioutil.ReadFile(filepath.Join(dir, file))
	return strings.TrimSpace(string(text)), err
}

func exists(dir, file string) bool {
	_, err := os.Stat(filepath.Join(dir, file))
	return err == nil
}

// readNumber is the number in a file; nil when there is no such file or no number in it ("max").
func readNumber(dir, file string) *int64 {
	text, err := read(dir, file)
	if err != nil {
		return nil
	}
	return number(text)
}

func number(text string) *int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// readLimit is like readNumber, with nil for v1's "no limit" as well.
func readLimit(dir, file string) *int64 {
	limit := readNumber(dir, file)
	if limit != nil && *limit >= unlimitedV1 {
		return nil
	}
	return limit
}

// readTable reads a file of "name number" lines; nil when there is none.
func readTable(dir, file string) map[string]int64 {
	text, err := read(dir, file)
	if err != nil {
		return nil
	}
	table := map[string]int64{}
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			continue
		}
		if n := number(fields[1]); n != nil {
			table[fields[0]] = *n
		}
	}
	return table
}

func entry(table map[string]int64, name string) *int64 {
	n, found := table[name]
	if !found {
		return nil
	}
	return &n
}
