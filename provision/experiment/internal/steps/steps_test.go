package steps

import (
	"reflect"
	"testing"

	"gclab/gcexp/internal/contract"
)

func bytes(n int64) *Amount { return &Amount{Bytes: n} }

func TestCheckRefusesWhatCannotBeDone(t *testing.T) {
	deep := []Step{{Do: "gc"}}
	for i := 0; i < 12; i++ {
		deep = []Step{{Do: "repeat", Times: 1, Steps: deep}}
	}
	long := make([]Step, MaxWritten+1)
	for i := range long {
		long[i] = Step{Do: "gc"}
	}
	million := Step{Do: "repeat", Times: MaxDone, Steps: []Step{{Do: "gc"}, {Do: "gc"}}}
	for name, steps := range map[string][]Step{
		"nothing": nil, "deep": deep, "long": long, "for ever": {million}, "unknown": {{Do: "burn"}}, "no size": {{Do: "add"}},
		"negative": {{Do: "rel", Amount: bytes(-1)}}, "no condition": {{Do: "until"}}, "wait": {{Do: "wait", Ms: -1}},
		"figure": {{Do: "until", Condition: &Condition{"luck", "<", Amount{1}}}}, "empty repeat": {{Do: "repeat", Times: 3}},
	} {
		if err := (&Program{Steps: steps}).Check(); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
	if err := (&Program{Steps: []Step{{Do: "add", Amount: bytes(10), Of: bytes(2)}}}).Check(); err != nil {
		t.Error(err)
	}
}

func TestStepsAreCountedAsTheControllerCountsThem(t *testing.T) {
	var table struct {
		Metrics, Comparisons []string
		Cases                []struct {
			Name          string
			Steps         []Step
			Written, Done int64
			Allowed       bool
		}
	}
	if err := contract.Read("steps.json", &table); err != nil || len(table.Cases) == 0 {
		t.Fatal(len(table.Cases), err)
	}
	if !reflect.DeepEqual(table.Metrics, Metrics) || !reflect.DeepEqual(table.Comparisons, Comparisons) {
		t.Errorf("the words are %v and %v", Metrics, Comparisons)
	}
	for _, c := range table.Cases {
		written, done, err := check(c.Steps, 0)
		if capped := c.Done > MaxDone && done == MaxDone+1; err != nil || written != c.Written || done != c.Done && !capped {
			t.Errorf("%s: %d written and %d done, %v", c.Name, written, done, err)
		}
		if err := (&Program{Steps: c.Steps}).Check(); (err == nil) != c.Allowed {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
