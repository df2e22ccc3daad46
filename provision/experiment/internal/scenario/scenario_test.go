package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gclab/gcexp/internal/interactive"
)

type told []string

func (t *told) BeginNumbered(step string, bytes int64, number int) {
	*t = append(*t, fmt.Sprintf("%d %s %d", number, step, bytes))
}
func (t *told) StepNumbered(string, int64, int) {}
func (t *told) GaveUp(why string)               { *t = append(*t, why) }

func runner(tell Teller) Runner {
	unknown := func() (int64, bool) { return 0, false }
	return Runner{Store: interactive.NewStore(unknown), Usage: unknown, Tell: tell, Cache: func(int64) error { return errors.New("no disk") }}
}

func bytes(n int64) *Amount { return &Amount{Bytes: n} }

func TestStepsAreDoneInOrderUnderTheNumberOfTheirLine(t *testing.T) {
	var seen told
	r := runner(&seen)
	steps := []Step{
		{Do: "add", Amount: bytes(100)},
		{Do: "repeat", Times: 2, Steps: []Step{{Do: "rel", Amount: bytes(10)}, {Do: "gc"}}},
		{Do: "until", Condition: &Condition{"numGC", ">=", Amount{1}}, WithinMs: 1000},
	}
	if err := r.Run(steps); err != nil {
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
	err := r.Run([]Step{{Do: "until", Condition: &Condition{"numGC", ">=", Amount{1 << 40}}, WithinMs: 10}, {Do: "gc"}})
	if err == nil || len(seen) != 2 || !strings.Contains(seen[1], "was not so within 10 ms") {
		t.Errorf("err %v, told %v", err, seen)
	}
}

func TestAStepThatFailsEndsTheScenario(t *testing.T) {
	var seen told
	r := runner(&seen)
	if err := r.Run([]Step{{Do: "cache", Amount: bytes(1)}}); err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("err %v", err)
	}
}

func TestCheckRefusesWhatCannotBeDone(t *testing.T) {
	deep := []Step{{Do: "gc"}}
	for i := 0; i < 12; i++ {
		deep = []Step{{Do: "repeat", Times: 1, Steps: deep}}
	}
	long := make([]Step, maxWritten+1)
	for i := range long {
		long[i] = Step{Do: "gc"}
	}
	million := Step{Do: "repeat", Times: maxDone, Steps: []Step{{Do: "gc"}, {Do: "gc"}}}
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
