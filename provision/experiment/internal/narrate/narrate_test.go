package narrate

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestLinesAndTheirBound(t *testing.T) {
	var out bytes.Buffer
	n := New(&out)
	n.Say("trial %d", 1)
	n.Pass([]byte("printed\n"))
	if out.String() != "trial 1\n  | printed\n" {
		t.Fatalf("%q", out.String())
	}
	for i := 0; i < 20; i++ {
		n.Pass(bytes.Repeat([]byte("x"), 1<<20))
	}
	if out.Len() > maxBytes+100 || !strings.HasSuffix(out.String(), "left out: more than 16 MiB\n") {
		t.Fatal(out.Len())
	}
}

func TestTheFirstErrorIsKept(t *testing.T) {
	n := New(broken{})
	n.Say("x")
	if n.Err() == nil {
		t.Fatal("no error")
	}
}
