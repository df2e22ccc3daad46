package supervise

import (
	"strings"
	"testing"
)

func TestPipeHandsOverWholeLinesWithoutWaiting(t *testing.T) {
	p, theirs, err := newPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	var lines []string
	take := func(line []byte) { lines = append(lines, string(line)) }
	p.drain(take)
	write := func(text string) {
		if _, err := theirs.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("one\ntw")
	p.drain(take)
	write("o\n\nlast")
	theirs.Close()
	p.last(take)
	if got := strings.Join(lines, "|"); got != "one|two||last" {
		t.Fatal(got)
	}
}

func TestPipeBoundsALineThatNeverEnds(t *testing.T) {
	p, theirs, err := newPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	longest := 0
	take := func(line []byte) {
		if len(line) > longest {
			longest = len(line)
		}
	}
	for i := 0; i < 100; i++ {
		if _, err := theirs.Write(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
		p.drain(take)
	}
	theirs.Close()
	if longest == 0 || longest > maxPending+16<<10 {
		t.Fatal(longest)
	}
}
