package supervise

import (
	"errors"
	"fmt"
	"os"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/size"
)

var errNoMinimum = errors.New("none up to 64 MiB works")

// A limit is tried this often before it is called one that works: near the border it is a matter of luck.
const (
	tries     = 8
	grain     = int64(128 << 10)
	searchEnd = int64(64 << 20)
)

// tooSmall answers a process that ended before it did anything: the smallest limit with which the Go
// runtime starts is found by trying, and if it starts with the limit asked for, the reason lies elsewhere.
func (t *trial) tooSmall(reason string) error {
	if _, _, asked := t.Stop.Asked(); asked {
		return nil
	}
	smallest, err := t.smallest(t.Config.LimitBytes)
	if err != nil {
		return fault.Wrap("failed", "the trial's process ended before its first step ("+reason+") and no limit was found with which it starts", err, "see what the process printed (gclab keeps it in experiment.log)")
	}
	if smallest == t.Config.LimitBytes {
		return fault.New("failed", "the trial's process ended before its first step ("+reason+"), though the limit lets it start", "see what the process printed (gclab keeps it in experiment.log)")
	}
	return fault.New("limit-too-small",
		fmt.Sprintf("the limit of %d bytes is below what the Go runtime needs to start; the smallest that works here is %s (%d bytes), found by trying", t.Config.LimitBytes, size.Format(smallest), smallest),
		fmt.Sprintf("use at least --limit %d; the experiment itself needs several times that", smallest))
}

// smallest doubles from the limit asked for, then halves the gap.
func (t *trial) smallest(asked int64) (int64, error) {
	if t.works(asked) {
		return asked, nil
	}
	low := asked / grain * grain
	high := low + grain
	for !t.works(high) {
		if low, high = high, 2*high; high > searchEnd {
			return 0, errNoMinimum
		}
	}
	for high-low > grain {
		if middle := (low + high) / 2 / grain * grain; t.works(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}

func (t *trial) works(limitBytes int64) bool {
	for i := 0; i < tries; i++ {
		if !t.starts(limitBytes) {
			return false
		}
	}
	return true
}

// starts runs a process that only starts and ends, in a group of its own.
func (t *trial) starts(limitBytes int64) bool {
	group, err := t.Guest.Subtree.MakeNamed("probe")
	if err != nil {
		return false
	}
	defer func() { _ = group.Remove() }()
	if _, err := group.Limit(limitBytes); err != nil {
		return false
	}
	args := childArgs(t.Executable, "probe", limitBytes, false, 0)
	p, err := spawn(command{executable: t.Executable, args: args, env: t.Env, limitBytes: limitBytes}, group, nil)
	if err != nil {
		return false
	}
	defer p.close()
	state, err := p.Wait()
	return err == nil && state.Success()
}

func cgroupOrOther(doing string, err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fault.Cgroup(doing, err)
	}
	return fault.Wrap("failed", doing, err, "")
}
