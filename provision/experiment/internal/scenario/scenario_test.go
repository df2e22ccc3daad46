package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/steps"
	"gclab/gcexp/internal/store"
)

type told []string

func (t *told) BeginNumbered(step string, bytes int64, number int) {
	*t = append(*t, fmt.Sprintf("%d %s %d", number, step, bytes))
}
func (t *told) StepNumbered(string, int64, int) {}
func (t *told) GaveUp(why string)               { *t = append(*t, why) }

func runner(tell Teller) Runner {
	unknown := func() (int64, bool) { return 0, false }
	return Runner{Store: store.New(unknown), Usage: unknown, Tell: tell, Cache: func(int64) error { return errors.New("no disk") }}
}

func bytes(n int64) *steps.Amount { return &steps.Amount{Bytes: n} }

func TestStepsAreDoneInOrderUnderTheNumberOfTheirLine(t *testing.T) {
	var seen told
	r := runner(&seen)
	list := []steps.Step{
		{Do: "add", Amount: bytes(100)},
		{Do: "repeat", Times: 2, Steps: []steps.Step{{Do: "rel", Amount: bytes(10)}, {Do: "gc"}}},
		{Do: "until", Condition: &steps.Condition{Metric: "numGC", Is: ">=", Than: steps.Amount{Bytes: 1}}, WithinMs: 1000},
	}
	if err := r.Run(list); err != nil {
		t.Fatal(err)
	}
	want := "1 add 100, 2 rel 10, 2 gc 0, 2 rel 10, 2 gc 0, 3 until 0"
	if got := strings.Join(seen, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAConditionThatIsNeverMetEndsTheScenario(t *testing.T) {
	var seen told
	r := runner(&seen)
	err := r.Run([]steps.Step{{Do: "until", Condition: &steps.Condition{Metric: "numGC", Is: ">=", Than: steps.Amount{Bytes: 1 << 40}}, WithinMs: 10}, {Do: "gc"}})
	if err == nil || len(seen) != 2 || !strings.Contains(seen[1], "was not so within 10 ms") {
		t.Errorf("err %v, told %v", err, seen)
	}
}

func TestAStepThatFailsEndsTheScenario(t *testing.T) {
	var seen told
	r := runner(&seen)
	if err := r.Run([]steps.Step{{Do: "cache", Amount: bytes(1)}}); err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("err %v", err)
	}
}

func TestEveryFigureThatCanBeNamedIsKnown(t *testing.T) {
	f := figures{heap: heap.Stats{AllocBytes: 1, InUseBytes: 2, IdleBytes: 3, ReleasedBytes: 4, NextGCBytes: 5, SysBytes: 6, NumGC: 8}, usage: 7}
	for i, metric := range steps.Metrics {
		if value := f.of(metric); value != int64(i+1) && metric != "sys" && metric != "usage" && metric != "heapInUse" && metric != "heapIdle" {
			t.Errorf("%s is %d", metric, value)
		}
	}
	for _, c := range []struct {
		is   string
		than int64
		want bool
	}{{"<", 8, true}, {"<", 7, false}, {"<=", 7, true}, {"<=", 6, false}, {">", 6, true}, {">", 7, false}, {">=", 7, true}, {">=", 8, false}, {"==", 7, true}, {"==", 8, false}} {
		if got := f.meet(steps.Condition{Metric: "usage", Is: c.is, Than: steps.Amount{Bytes: c.than}}); got != c.want {
			t.Errorf("7 %s %d: %v", c.is, c.than, got)
		}
	}
}
