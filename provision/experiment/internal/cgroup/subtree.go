package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"gclab/gcexp/internal/fault"
)

// ErrNotDelegated tells that this user may not make cgroups where it is; a systemd user manager can
// start it where it may.
var ErrNotDelegated = errors.New("this cgroup is not delegated to this user")

// Subtree is the one cgroup of a run, in which its trials have theirs.
type Subtree struct {
	hierarchy Hierarchy
	// Path is the run's cgroup below the mount.
	Path string
	// leaves are the cgroups this process itself moves to, so that nobody who ends the session it was
	// started in ends it too.
	leaves []leaf
}

// leaf is a cgroup for the supervisor: where it is made, and which one the supervisor goes back to.
type leaf struct{ mount, path, home string }

// Plan says where the run's cgroup will be, and changes nothing. Root's is at the top, out of the
// reach of the units systemd starts and stops; another user's is in the user's own, if that is delegated.
// detach asks for a leaf outside the session.
func (h Hierarchy) Plan(name string, uid int, detach bool) (Subtree, error) {
	if h.ReadOnly {
		return Subtree{}, fault.Cgroup("using the cgroup tree at "+h.Mount, syscall.EROFS)
	}
	if uid != 0 {
		return h.planDelegated(name)
	}
	subtree := Subtree{hierarchy: h, Path: "/" + name}
	if !detach {
		return subtree, nil
	}
	if h.IsV2() {
		subtree.leaves = []leaf{{h.Mount, subtree.Path + "/supervisor", "/"}}
	}
	for _, other := range h.others {
		subtree.leaves = append(subtree.leaves, leaf{other.mount, subtree.Path, "/"})
	}
	return subtree, nil
}

func (h Hierarchy) planDelegated(name string) (Subtree, error) {
	if !h.IsV2() {
		return Subtree{}, fault.New("no-privilege", "making a cgroup: on cgroup v1 only root may", "run as root (sudo)")
	}
	controllers, err := read(h.Dir(h.Own), "cgroup.controllers")
	delegated := err == nil && hasWord(controllers, "memory") && writable(h.Dir(h.Own)) &&
		writable(h.Dir(h.Own)+"/cgroup.procs") && writable(h.Dir(h.Own)+"/cgroup.subtree_control")
	if !delegated {
		return Subtree{}, ErrNotDelegated
	}
	subtree := Subtree{hierarchy: h, Path: filepath.Join(h.Own, name)}
	// v2 lets a cgroup hold processes or hand controllers down, not both: so move out of the way.
	subtree.leaves = []leaf{{h.Mount, subtree.Path + "/supervisor", h.Own}}
	return subtree, nil
}

// Parent is the cgroup that the subtree is in.
func (n Subtree) Parent() string { return filepath.Dir(n.Path) }

// Dirs are the folders that Build makes, outermost first.
func (n Subtree) Dirs() []string {
	dirs := []string{n.hierarchy.Dir(n.Path)}
	for _, s := range n.leaves {
		dirs = append(dirs, s.dir())
	}
	return dirs
}

// Build makes the run's cgroup and moves this process to its leaves.
func (n Subtree) Build() error {
	if _, err := n.hierarchy.Make(n.Path); err != nil {
		return err
	}
	for _, s := range n.leaves {
		if err := s.enter(); err != nil {
			return err
		}
	}
	if !n.hierarchy.IsV2() {
		return nil
	}
	if err := n.handDown(n.Parent()); err != nil {
		return err
	}
	return n.handDown(n.Path)
}

// handDown gives the children of a cgroup the memory controller.
func (n Subtree) handDown(path string) error {
	dir := n.hierarchy.Dir(path)
	controllers, err := read(dir, "cgroup.controllers")
	if err != nil {
		return fault.Cgroup("reading the controllers of cgroup "+path, err)
	}
	if !hasWord(controllers, "memory") {
		return fault.New("cgroup-unavailable", "cgroup "+path+" has no memory controller (it has: "+controllers+")",
			"cgroup_disable=memory on the kernel's command line, or a manager that does not hand it down; gclab remote check tells")
	}
	if given, _ := read(dir, "cgroup.subtree_control"); hasWord(given, "memory") {
		return nil
	}
	if err := write(dir, "cgroup.subtree_control", "+memory"); err != nil {
		return fault.Cgroup("handing the memory controller down from cgroup "+path, err)
	}
	return nil
}

// Make makes the cgroup of one trial.
func (n Subtree) Make(trial int) (Group, error) {
	return n.MakeNamed("trial-" + strconv.Itoa(trial))
}

// MakeNamed makes a cgroup of any other name in the subtree.
func (n Subtree) MakeNamed(name string) (Group, error) {
	group, err := n.hierarchy.Make(n.Path + "/" + name)
	if errors.Is(err, syscall.ENOENT) {
		// A manager that trims empty cgroups was quicker than the first trial.
		_ = os.Mkdir(n.hierarchy.Dir(n.Path), 0755)
		return n.hierarchy.Make(n.Path + "/" + name)
	}
	return group, err
}

// Remove leaves the leaves and removes everything that Build and Make made. It may be called again.
func (n Subtree) Remove() error {
	delegated := n.hierarchy.IsV2() && n.Parent() != "/"
	if delegated {
		// Its home cannot hold this process again before it stops handing the controller down.
		removeBelowBut(n.hierarchy.Dir(n.Path), "supervisor")
		_ = write(n.hierarchy.Dir(n.Path), "cgroup.subtree_control", "-memory")
		_ = write(n.hierarchy.Dir(n.Parent()), "cgroup.subtree_control", "-memory")
	}
	for _, s := range n.leaves {
		s.leave()
	}
	return RemoveDir(n.hierarchy.Dir(n.Path))
}

func removeBelowBut(dir, spared string) {
	below, _ := filepath.Glob(filepath.Join(dir, "*", "cgroup.procs"))
	for _, file := range below {
		if filepath.Base(filepath.Dir(file)) != spared {
			_ = RemoveDir(filepath.Dir(file))
		}
	}
}

func (s leaf) dir() string { return filepath.Join(s.mount, s.path) }

func (s leaf) enter() error {
	if err := os.MkdirAll(s.dir(), 0755); err != nil {
		return fault.Cgroup("making the supervisor's cgroup "+s.dir(), err)
	}
	if err := write(s.dir(), "cgroup.procs", strconv.Itoa(os.Getpid())); err != nil {
		return fault.Cgroup("moving the supervisor to cgroup "+s.dir(), err)
	}
	return nil
}

func (s leaf) leave() {
	_ = write(filepath.Join(s.mount, s.home), "cgroup.procs", strconv.Itoa(os.Getpid()))
	_ = RemoveDir(s.dir())
}

func hasWord(text, wanted string) bool {
	for _, word := range strings.Fields(text) {
		if word == wanted {
			return true
		}
	}
	return false
}

func writable(path string) bool {
	const writeOK = 2
	return syscall.Access(path, writeOK) == nil
}
