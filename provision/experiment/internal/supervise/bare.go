package supervise

import (
	"os"
	"time"

	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/verdict"
)

// Pair runs a trial twice, bare and supervised, and says how long each took. Bare is the same process in
// a fresh limited cgroup and nothing else: no counters, no samples, no pipes, no journal. The two take
// turns in going first: the kernel's report of a kill is slow, and only the first few of a burst get one.
func (r *Run) Pair(index int) (bare, supervised time.Duration, err error) {
	if r.counts == nil {
		r.counts = map[verdict.Kind]int{}
	}
	both := []func(){
		func() { bare = timed(func() { err = firstOf(err, r.bare(index)) }) },
		func() { supervised = timed(func() { err = firstOf(err, r.one(index)) }) },
	}
	onOwnThread(func() {
		both[index%2]()
		both[1-index%2]()
	})
	return bare, supervised, err
}

// Spent is what the supervised trials of all pairs have cost.
func (r *Run) Spent() Sampling { return r.sampling }

func timed(f func()) time.Duration {
	started := time.Now()
	f()
	return time.Since(started)
}

func firstOf(err, next error) error {
	if err != nil {
		return err
	}
	return next
}

func (r *Run) bare(index int) error {
	group, err := r.Guest.Subtree.Make(index)
	if err != nil {
		return err
	}
	defer func() { _ = group.Remove() }()
	if _, err := group.Limit(r.Config.LimitBytes); err != nil {
		return err
	}
	nothing, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer nothing.Close()
	args := childArgs(r.Executable, config.Self, r.Config.LimitBytes, r.Config.GC, 0)
	files := []*os.File{nothing, nothing, nothing, nothing, nothing}
	process, _, err := command{executable: r.Executable, args: args, env: os.Environ(), files: files, limitBytes: r.Config.LimitBytes}.launch(group)
	if err != nil {
		return err
	}
	_, err = process.Wait()
	return err
}
