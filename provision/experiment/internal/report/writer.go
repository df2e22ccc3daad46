// Package report is what a trial's process tells its supervisor over a pipe: lines of JSON, each one
// write below PIPE_BUF, which the kernel delivers whole or not at all, whenever the process is killed.
package report

import (
	"strconv"
	"sync"
	"syscall"
	"unicode/utf8"

	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/mono"
)

// The descriptors that the supervisor hands to a trial's process.
const (
	PipeFD     = 3
	UsageFD    = 4
	ListenerFD = 5
)

// maxLine keeps a message well below PIPE_BUF (4096 on Linux).
const maxLine = 2048

// runtimeUp is about when the Go runtime of this process came up.
var runtimeUp = mono.Now()

// Writer writes messages from one buffer, made once: telling must not fill the heap that is watched.
type Writer struct {
	mutex sync.Mutex
	line  []byte
	heap  *heap.Reader
	usage [32]byte
	// pipeFD and usageFD are what it writes to and where it reads the cgroup's usage.
	pipeFD, usageFD int
}

// NewWriter makes the one writer of a trial's process.
func NewWriter() *Writer { return newWriter(PipeFD, UsageFD) }

func newWriter(pipeFD, usageFD int) *Writer {
	return &Writer{line: make([]byte, 0, maxLine), heap: heap.NewReader(), pipeFD: pipeFD, usageFD: usageFD}
}

// Begin tells that a step begins.
func (w *Writer) Begin(step string, bytes int64) {
	w.open("begin")
	w.text("step", step)
	w.number("bytes", bytes)
	w.send()
}

// BeginRequest is Begin for a request; key is empty where it had none.
func (w *Writer) BeginRequest(step string, bytes int64, key string) {
	w.open("begin")
	w.text("step", step)
	w.number("bytes", bytes)
	w.text("key", key)
	w.send()
}

// Step tells that a step is done, with the heap and the cgroup's usage at this moment.
func (w *Writer) Step(step string, bytes int64) {
	w.open("step")
	w.text("step", step)
	w.number("bytes", bytes)
	w.addUsage()
	w.addHeap()
	w.send()
}

// Heap tells a sample of the heap.
func (w *Writer) Heap() {
	w.open("heap")
	w.addHeap()
	w.send()
}

// Ready tells that the process runs, and with which settings.
func (w *Writer) Ready(goVersion, gogc, gomemlimit, godebug string, gomaxprocs int) {
	w.open("ready")
	w.text("go", goVersion)
	w.text("gogc", gogc)
	w.text("gomemlimit", gomemlimit)
	w.text("godebug", godebug)
	w.number("gomaxprocs", int64(gomaxprocs))
	w.number("runtimeUp", runtimeUp)
	w.addUsage()
	w.addHeap()
	w.send()
}

// Listening tells that the interactive mode answers.
func (w *Writer) Listening(address string) {
	w.open("listening")
	w.text("address", address)
	w.send()
}

// Request tells of a request that was answered.
func (w *Writer) Request(route string, bytes int64, key string, status int, durationUs int64) {
	w.open("request")
	w.text("route", route)
	w.number("bytes", bytes)
	w.text("key", key)
	w.number("status", int64(status))
	w.number("durationUs", durationUs)
	w.addHeap()
	w.send()
}

func (w *Writer) open(kind string) {
	w.mutex.Lock()
	w.line = append(w.line[:0], `{"type":"`...)
	w.line = append(w.line, kind...)
	w.line = append(w.line, '"')
	w.number("mono", mono.Now())
}

func (w *Writer) number(key string, n int64) {
	w.key(key)
	w.line = strconv.AppendInt(w.line, n, 10)
}

func (w *Writer) key(key string) {
	w.line = append(w.line, ',', '"')
	w.line = append(w.line, key...)
	w.line = append(w.line, '"', ':')
}

// maxText bounds what comes from the environment or a request, so that a line stays below PIPE_BUF.
const maxText = 350

func (w *Writer) text(key, text string) {
	w.key(key)
	w.line = appendQuoted(w.line, text, maxText)
}

func (w *Writer) addHeap() {
	h := w.heap.Read()
	w.key("heap")
	w.line = append(w.line, `{"allocBytes":`...)
	w.line = strconv.AppendUint(w.line, h.AllocBytes, 10)
	for _, f := range [...]struct {
		name  string
		value uint64
	}{
		{"idleBytes", h.IdleBytes}, {"inUseBytes", h.InUseBytes}, {"releasedBytes", h.ReleasedBytes},
		{"sysBytes", h.SysBytes}, {"nextGCBytes", h.NextGCBytes}, {"numGC", h.NumGC},
	} {
		w.key(f.name)
		w.line = strconv.AppendUint(w.line, f.value, 10)
	}
	w.line = append(w.line, '}')
}

// addUsage reads the cgroup's usage from the descriptor that the supervisor opened.
func (w *Writer) addUsage() {
	n, err := syscall.Pread(w.usageFD, w.usage[:], 0)
	if err != nil || n < 2 {
		return
	}
	w.key("usageBytes")
	w.line = append(w.line, w.usage[:n-1]...)
}

func (w *Writer) send() {
	w.line = append(w.line, '}', '\n')
	// A supervisor that is gone cannot be told; the process then dies with it (see supervise).
	_, _ = syscall.Write(w.pipeFD, w.line)
	w.mutex.Unlock()
}

// appendQuoted is JSON's string in plain ASCII, cut off at about max bytes, without allocating.
func appendQuoted(line []byte, text string, max int) []byte {
	const hex = "0123456789abcdef"
	line = append(line, '"')
	for start := len(line); len(text) > 0; {
		r, width := utf8.DecodeRuneInString(text)
		text = text[width:]
		switch {
		case len(line)-start > max:
			return append(line, '.', '.', '.', '"')
		case r == '"' || r == '\\':
			line = append(line, '\\', byte(r))
		case r >= ' ' && r < 0x7f:
			line = append(line, byte(r))
		case r < 0x10000:
			line = append(line, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			line = append(line, '?')
		}
	}
	return append(line, '"')
}
