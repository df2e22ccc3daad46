package event

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"gclab/gcexp/internal/contract"
)

// written is what a type of line is encoded from; samples are written by hand (package journal).
var written = map[string]func() interface{}{
	"journal":     func() interface{} { return &Opening{} },
	"trial-start": func() interface{} { return &TrialStart{} },
	"ready":       func() interface{} { return &Ready{} },
	"begin":       func() interface{} { return &Begin{} },
	"step":        func() interface{} { return &Step{} },
	"heap":        func() interface{} { return &Heap{} },
	"gc":          func() interface{} { return &GC{} },
	"listening":   func() interface{} { return &Listening{} },
	"request":     func() interface{} { return &Request{} },
	"trial-end":   func() interface{} { return &TrialEnd{} },
	"note":        func() interface{} { return &Note{} },
	"end":         func() interface{} { return &End{} },
}

func TestTheLinesHaveTheKeysThatTheControllerReads(t *testing.T) {
	var table struct{ Lines []json.RawMessage }
	if err := contract.Read("journal-lines.json", &table); err != nil || len(table.Lines) != len(written)+1 {
		t.Fatal(len(table.Lines), err)
	}
	for _, line := range table.Lines {
		var head Head
		if err := json.Unmarshal(line, &head); err != nil {
			t.Fatal(err)
		}
		if head.Type == "samples" {
			continue
		}
		as := written[head.Type]()
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(as); err != nil {
			t.Errorf("%s: %v", head.Type, err)
			continue
		}
		again, err := json.Marshal(as)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := loosely(t, again), loosely(t, line); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", head.Type, again, line)
		}
	}
}

func loosely(t *testing.T, line []byte) (value map[string]interface{}) {
	t.Helper()
	if err := json.Unmarshal(line, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
