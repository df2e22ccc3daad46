// Package ledger is the record of what gclab changed on a guest, written before the change.
package ledger

import (
	"bytes"
	"io/ioutil"
	"os"
	"path/filepath"
	"time"

	"gclab/gcexp/internal/fault"
)

// Append adds entries in one write and waits until they are on the disk. Nothing of them is there when it fails.
func Append(path string, entries ...Entry) error {
	var lines []byte
	at := time.Now().UTC().Format(time.RFC3339Nano)
	for _, entry := range entries {
		text, ok := entry.line(at)
		if !ok {
			return fault.New("failed", "the ledger cannot name "+entry.Path+": a quote, a backslash or a control character is in it", "choose another folder with --guest-dir")
		}
		lines = append(lines, text...)
	}
	return locked(path, func(folder *os.File) error { return add(path, folder, lines) })
}

func add(path string, folder *os.File, lines []byte) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0644)
	if err != nil {
		return err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	size, last := stat.Size(), []byte{'\n'}
	if size > 0 {
		if _, err := file.ReadAt(last, size-1); err != nil {
			return err
		}
	}
	// A power cut may have left the last line without its end.
	if last[0] != '\n' {
		lines = append([]byte{'\n'}, lines...)
	}
	if _, err = file.Write(lines); err == nil {
		err = file.Sync()
	}
	if err != nil {
		_ = file.Truncate(size)
		return err
	}
	if size == 0 {
		return folder.Sync()
	}
	return nil
}

// Left are the folder and the cgroups that a run made and did not remove, the first made first. Another kind may have the run's name too:
// a run that changed its guest first named that change after itself.
func Left(path, run string) ([]Entry, error) {
	text, err := ioutil.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, fault.Wrap("failed", "reading the ledger "+path, err, "")
	}
	var left []Entry
	for _, l := range open(parse(text)) {
		if l.entry.Action == "make" && l.entry.isOfRun(run) {
			left = append(left, l.entry)
		}
	}
	return left, nil
}

// Settle writes the ledger anew without what is closed and without these things, which are gone. Where it then names nothing it goes.
func Settle(path string, gone ...Entry) error {
	return locked(path, func(folder *os.File) error {
		before, err := ioutil.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		lines := parse(before)
		for _, entry := range gone {
			entry.Action = "removed"
			lines = append(lines, line{entry: entry, isEntry: true})
		}
		var after []byte
		for _, l := range open(lines) {
			after = append(append(after, l.text...), '\n')
		}
		switch {
		case len(after) == 0:
			return os.Remove(path)
		case bytes.Equal(before, after):
			return nil
		}
		return replace(path, folder, after)
	})
}

// replace puts the new text in the old one's place, so that a power cut leaves one or the other.
func replace(path string, folder *os.File, text []byte) error {
	new := path + ".new"
	err := writeWhole(new, text)
	if err == nil {
		err = os.Rename(new, path)
	}
	if err != nil {
		_ = os.Remove(new)
		return err
	}
	return folder.Sync()
}

func writeWhole(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0644)
	if err != nil {
		return err
	}
	if _, err = file.Write(text); err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

// locked does something to a ledger while nobody else writes it, and says what failed.
func locked(path string, do func(folder *os.File) error) error {
	folder, err := lock(filepath.Dir(path))
	if err == nil {
		defer folder.Close()
		err = do(folder)
	}
	if err != nil {
		return fault.Wrap("failed", "writing the ledger "+path, err, "the folder must be writable for the user gcexp runs as")
	}
	return nil
}
