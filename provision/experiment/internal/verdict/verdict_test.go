package verdict

import (
	"encoding/json"
	"testing"

	"gclab/gcexp/internal/contract"
)

type counters struct {
	OOM, OOMKill, OOMLocal, PeakBytes *json.Number
}

type contractCase struct {
	Name, Hierarchy, Reason string
	Verdict                 Kind
	PageBytes, LimitBytes   *json.Number
	Before                  *counters
	After                   counters
	Exit                    struct {
		Code   *int
		Signal *string
	}
}

// count is a number as the kernel's files are read: what does not fit is none.
func count(n *json.Number) *int64 {
	if n == nil {
		return nil
	}
	number, err := n.Int64()
	if err != nil {
		return nil
	}
	return &number
}

func (c counters) counts() Counts {
	return Counts{OOM: count(c.OOM), OOMKill: count(c.OOMKill), OOMLocal: count(c.OOMLocal), PeakBytes: count(c.PeakBytes)}
}

func (c contractCase) evidence() Evidence {
	e := Evidence{Hierarchy: c.Hierarchy, After: c.After.counts(), LimitBytes: count(c.LimitBytes), PageBytes: count(c.PageBytes), Code: c.Exit.Code}
	if c.Before != nil {
		before := c.Before.counts()
		e.Before = &before
	}
	if c.Exit.Signal != nil {
		e.Signal = *c.Exit.Signal
	}
	return e
}

func TestTheVerdictAndItsReasonAreTheControllersToo(t *testing.T) {
	var table struct{ Cases []contractCase }
	if err := contract.Read("verdicts.json", &table); err != nil || len(table.Cases) < 50 {
		t.Fatal(len(table.Cases), err)
	}
	for _, c := range table.Cases {
		if kind, reason := Of(c.evidence()); kind != c.Verdict || reason != c.Reason {
			t.Errorf("%s:\n got %s: %s\nwant %s: %s", c.Name, kind, reason, c.Verdict, c.Reason)
		}
	}
}
