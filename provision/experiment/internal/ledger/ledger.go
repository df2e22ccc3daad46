// Package ledger is the record of what gclab changed on a guest, written before the change.
package ledger

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"gclab/gcexp/internal/fault"
)

// Entry is one line. Action is `make` before something is made and `removed` after it is gone.
type Entry struct {
	Schema int    `json:"schema"`
	At     string `json:"at"`
	Run    string `json:"run"`
	Action string `json:"action"`
	// Kind is `folder`, `cgroup` or `linger`.
	Kind string `json:"kind"`
	Path string `json:"path"`
}

// Append adds entries in one write and waits until they are on the disk.
func Append(path string, entries ...Entry) error {
	var lines []byte
	for _, entry := range entries {
		entry.Schema, entry.At = 1, time.Now().UTC().Format(time.RFC3339Nano)
		line, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := write(path, lines); err != nil {
		return fault.Wrap("failed", "writing the ledger "+path, err, "the folder must be writable for the user gcexp runs as")
	}
	return nil
}

func write(path string, lines []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0644)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(lines); err != nil {
		return err
	}
	return file.Sync()
}

// Left are the things a run made that are not yet removed, the first made first. A line that cannot
// be read is skipped: a full disk may have cut it.
func Left(path, run string) ([]Entry, error) {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap("failed", "reading the ledger "+path, err, "")
	}
	defer file.Close()
	var left []Entry
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var entry Entry
		if json.Unmarshal(lines.Bytes(), &entry) != nil || entry.Run != run {
			continue
		}
		left = without(left, entry)
		if entry.Action == "make" {
			left = append(left, entry)
		}
	}
	return left, lines.Err()
}

func without(entries []Entry, gone Entry) []Entry {
	kept := entries[:0]
	for _, entry := range entries {
		if entry.Kind != gone.Kind || entry.Path != gone.Path {
			kept = append(kept, entry)
		}
	}
	return kept
}
