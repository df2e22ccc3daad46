package stream

import (
	"bufio"
	"encoding/json"
	"io"
	"io/ioutil"
	"os"
	"strings"
)

// maxFirstLine bounds what is read of a journal for its first line.
const maxFirstLine = 1 << 20

// bootOf is the boot id that a journal's first line names; empty where it names none.
func bootOf(journal string) string {
	file, err := os.Open(journal)
	if err != nil {
		return ""
	}
	defer file.Close()
	line, err := bufio.NewReader(io.LimitReader(file, maxFirstLine)).ReadBytes('\n')
	if err != nil {
		return ""
	}
	var first struct {
		Type string
		Host struct{ BootID string }
	}
	if json.Unmarshal(line, &first) != nil || first.Type != "journal" {
		return ""
	}
	return first.Host.BootID
}

// thisBoot is the running kernel's; empty where it does not say.
func thisBoot() string {
	text, _ := ioutil.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
}
