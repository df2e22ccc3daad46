package report

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// sent is what a writer sends.
func sent(t *testing.T, send func(*Writer)) []byte {
	t.Helper()
	reading, writing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	usage, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer usage.Close()
	send(newWriter(int(writing.Fd()), int(usage.Fd())))
	writing.Close()
	got := make([]byte, 1<<16)
	n, err := reading.Read(got)
	if err != nil {
		t.Fatal(err)
	}
	return got[:n]
}

func TestAMessageStaysBelowPipeBufWhateverTheEnvironmentHolds(t *testing.T) {
	odd := strings.Repeat("\x01\"\\é\n😀", 2000)
	line := sent(t, func(w *Writer) { w.Ready(odd, odd, odd, odd, 1<<40) })
	if len(line) > 4096 {
		t.Fatalf("%d bytes", len(line))
	}
	m, ok := Parse(line)
	if !ok || m.Type != "ready" || !json.Valid(line) || !strings.HasPrefix(m.Go, "\x01\"\\é\n?") {
		t.Fatalf("%s", line)
	}
}

func TestAStepCarriesTheHeap(t *testing.T) {
	m, ok := Parse(sent(t, func(w *Writer) { w.Step("release", 5) }))
	if !ok || m.Step != "release" || m.Bytes != 5 || m.Heap == nil || m.Heap.AllocBytes == 0 || m.Heap.SysBytes < m.Heap.AllocBytes || m.Mono == 0 {
		t.Fatalf("%+v", m)
	}
}

func TestParseDropsWhatIsNoMessage(t *testing.T) {
	for _, line := range []string{"", "x", "{", "{}", "[1]", `{"type":""}`} {
		if _, ok := Parse([]byte(line)); ok {
			t.Errorf("%q was taken for a message", line)
		}
	}
}

func TestTellingDoesNotAllocate(t *testing.T) {
	nothing, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	w := newWriter(int(nothing.Fd()), int(nothing.Fd()))
	if n := testing.AllocsPerRun(100, func() { w.Begin("a", 1); w.Step("a", 1); w.Heap() }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
