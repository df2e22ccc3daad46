// Package kernellog keeps the kernel's own lines about OOM kills. They corroborate a verdict and never make one.
package kernellog

import (
	"bytes"
	"io"
	"os"
	"strings"
	"syscall"
)

// Log copies OOM lines from the kernel's buffer to a file. The zero value collects nothing.
type Log struct {
	kernel int
	open   bool
	out    io.Writer
	inside bool
	// Why tells why nothing can be collected; empty when it can.
	Why string
}

// Open starts at the end of what the kernel has said so far.
func Open(out io.Writer) *Log {
	fd, err := syscall.Open("/dev/kmsg", syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return &Log{Why: "the kernel's log cannot be read (" + err.Error() + "), so kernel.log is empty; the verdicts do not need it"}
	}
	if _, err := syscall.Seek(fd, 0, os.SEEK_END); err != nil {
		syscall.Close(fd)
		return &Log{Why: "the kernel's log cannot be read (" + err.Error() + ")"}
	}
	return &Log{kernel: fd, open: true, out: out}
}

// Collect copies what the kernel said since the last time.
func (l *Log) Collect() {
	if !l.open {
		return
	}
	record := make([]byte, 8192)
	for {
		n, err := syscall.Read(l.kernel, record)
		if err == syscall.EPIPE || err == syscall.EINTR {
			// The kernel overwrote lines before they were read: go on with the oldest there is.
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		l.take(record[:n])
	}
}

// take keeps a record if it belongs to an OOM report: from "invoked oom-killer" to the victim's line.
func (l *Log) take(record []byte) {
	text, isKernels := message(record)
	if !isKernels {
		return
	}
	begins, ends := strings.Contains(text, "invoked oom-killer"), strings.Contains(text, "Killed process")
	if begins || l.inside || ends || strings.HasPrefix(text, "oom_reaper:") || strings.HasPrefix(text, "oom-kill:") {
		_, _ = io.WriteString(l.out, stamp(record)+text+"\n")
	}
	l.inside = (l.inside || begins) && !ends
}

// message takes the text out of "priority,sequence,microseconds,flags;text\n KEY=value…". Only what
// the kernel itself logged has facility 0.
func message(record []byte) (text string, isKernels bool) {
	semicolon := bytes.IndexByte(record, ';')
	if semicolon < 0 {
		return "", false
	}
	text = string(record[semicolon+1:])
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	comma := bytes.IndexByte(record, ',')
	return text, comma == 1
}

func stamp(record []byte) string {
	parts := bytes.SplitN(record, []byte(","), 4)
	if len(parts) < 4 || len(parts[2]) < 7 {
		return ""
	}
	at := len(parts[2]) - 6
	return "[" + string(parts[2][:at]) + "." + string(parts[2][at:]) + "] "
}

// Close ends it.
func (l *Log) Close() {
	if l.open {
		syscall.Close(l.kernel)
	}
}
