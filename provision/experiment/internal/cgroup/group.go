package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"gclab/gcexp/internal/fault"
)

// Group is one trial's cgroup.
type Group struct {
	hierarchy Hierarchy
	// Path is the cgroup below the mount.
	Path string
}

// Limits are what the kernel says a cgroup's limits are.
type Limits struct {
	LimitBytes int64
	// SwapBytes is v2's memory.swap.max or v1's memory.memsw.limit_in_bytes; nil when the kernel
	// cannot limit swap.
	SwapBytes *int64
}

// Dir is the cgroup's folder.
func (g Group) Dir() string { return g.hierarchy.Dir(g.Path) }

// UsageFile is the file that tells the current usage.
func (g Group) UsageFile() string {
	if g.hierarchy.IsV2() {
		return filepath.Join(g.Dir(), "memory.current")
	}
	return filepath.Join(g.Dir(), "memory.usage_in_bytes")
}

// Counters reads what the kernel counts.
func (g Group) Counters() Counters {
	if g.hierarchy.IsV2() {
		return countersV2(g.Dir())
	}
	return countersV1(g.Dir())
}

// Make makes a new cgroup below parent; one that is there already is an error.
func (h Hierarchy) Make(path string) (Group, error) {
	group := Group{hierarchy: h, Path: path}
	if err := os.Mkdir(group.Dir(), 0755); err != nil {
		return group, fault.Cgroup("making the cgroup "+path, err)
	}
	return group, nil
}

// Limit sets the hard limit, forbids swap, and reads both back.
func (g Group) Limit(bytes int64) (Limits, error) {
	set := g.limitV1
	if g.hierarchy.IsV2() {
		set = g.limitV2
	}
	limits, err := set(bytes)
	if err != nil {
		return limits, fault.Cgroup(fmt.Sprintf("limiting the cgroup %s to %d bytes", g.Path, bytes), err)
	}
	// The kernel rounds down to a page.
	if limits.LimitBytes > bytes || limits.LimitBytes <= bytes-int64(os.Getpagesize()) {
		return limits, fault.New("cgroup-unavailable", fmt.Sprintf("the cgroup %s was given a limit of %d bytes and has %d", g.Path, bytes, limits.LimitBytes), "")
	}
	return limits, nil
}

func (g Group) limitV2(bytes int64) (Limits, error) {
	if err := write(g.Dir(), "memory.max", strconv.FormatInt(bytes, 10)); err != nil {
		return Limits{}, err
	}
	if exists(g.Dir(), "memory.swap.max") {
		if err := write(g.Dir(), "memory.swap.max", "0"); err != nil {
			return Limits{}, err
		}
	}
	return readBack(g.Dir(), "memory.max", "memory.swap.max")
}

// limitV1 lowers: the limit first, then memory+swap, as the kernel demands limit ≤ memsw throughout.
func (g Group) limitV1(bytes int64) (Limits, error) {
	text := strconv.FormatInt(bytes, 10)
	if err := write(g.Dir(), "memory.limit_in_bytes", text); err != nil {
		return Limits{}, err
	}
	if exists(g.Dir(), "memory.memsw.limit_in_bytes") {
		if err := write(g.Dir(), "memory.memsw.limit_in_bytes", text); err != nil {
			return Limits{}, err
		}
	}
	return readBack(g.Dir(), "memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
}

func readBack(dir, limitFile, swapFile string) (Limits, error) {
	limit := readNumber(dir, limitFile)
	if limit == nil {
		return Limits{}, fmt.Errorf("%s cannot be read back", limitFile)
	}
	return Limits{LimitBytes: *limit, SwapBytes: readNumber(dir, swapFile)}, nil
}

// CheckSwap refuses a cgroup whose swap cannot be limited, on a guest that has swap.
func (l Limits) CheckSwap(swapTotalBytes int64) error {
	if l.SwapBytes != nil || swapTotalBytes == 0 {
		return nil
	}
	return fault.New("cgroup-unavailable", "this kernel does not account swap, so the trial could swap instead of reaching its limit",
		"gclab remote prepare adds swapaccount=1 where the kernel knows it; or turn swap off for the run (swapoff -a)")
}

// removeFor is how long a cgroup may stay busy after its last process was reaped.
const removeFor = 5 * time.Second

// Remove kills what is left in the cgroup and removes it. One that is gone already is fine.
func (g Group) Remove() error { return RemoveDir(g.Dir()) }

// RemoveDir removes the cgroup of a folder, cgroups below it first.
func RemoveDir(dir string) error {
	deadline := time.Now().Add(removeFor)
	for pause := 50 * time.Microsecond; ; pause *= 2 {
		err := syscall.Rmdir(dir)
		if err == nil || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENODEV) {
			return nil
		}
		if !errors.Is(err, syscall.EBUSY) || time.Now().After(deadline) {
			return fault.Cgroup("removing the cgroup "+dir, err)
		}
		removeBelow(dir)
		killAll(dir)
		time.Sleep(pause)
	}
}

func removeBelow(dir string) {
	below, _ := filepath.Glob(filepath.Join(dir, "*", "cgroup.procs"))
	for _, file := range below {
		_ = RemoveDir(filepath.Dir(file))
	}
}

// IsV2 tells whose files the group has.
func (g Group) IsV2() bool { return g.hierarchy.IsV2() }

// JoinThread moves one thread of this process into the group (v1 only).
func (g Group) JoinThread(tid int) error { return write(g.Dir(), "tasks", strconv.Itoa(tid)) }

// LeaveThread moves it back to where the rest of the process is.
func (g Group) LeaveThread(tid int) error {
	err := write(g.hierarchy.Dir(g.hierarchy.Own), "tasks", strconv.Itoa(tid))
	if err != nil {
		return write(g.hierarchy.Mount, "tasks", strconv.Itoa(tid))
	}
	return nil
}
