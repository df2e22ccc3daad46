package supervise

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"gclab/gcexp/internal/cgroup"
)

// command is how a trial's process is started.
type command struct {
	executable string
	args       []string
	env        []string
	// files are descriptors 0, 1, 2, … of the process.
	files []*os.File
	// limitBytes is the group's hard limit.
	limitBytes int64
}

// roomForThread is the least limit of a group that a thread of the supervisor may visit: what the
// kernel allocates for the thread meanwhile is charged there, and must not be refused.
const roomForThread = 8 << 20

// launch starts the process inside the group, so that its first page is charged there, and says by
// which way. It must run on a thread of its own (see onOwnThread).
func (b command) launch(group cgroup.Group) (*os.Process, string, error) {
	if group.IsV2() {
		if process, err := b.intoCgroup(group); err == nil || isTooSmall(err) {
			return process, "clone", err
		}
	} else if b.limitBytes >= roomForThread {
		if process, err := b.fromThread(group); err == nil || isTooSmall(err) {
			return process, "thread", err
		}
	}
	process, err := b.byTrampoline(group)
	return process, "trampoline", err
}

func (b command) start(attributes *syscall.SysProcAttr) (*os.Process, error) {
	smallPages()
	// A group of its own keeps a terminal's Ctrl-C for the supervisor, and the process never
	// outlives the thread that started it.
	attributes.Setpgid, attributes.Pdeathsig = true, syscall.SIGKILL
	return os.StartProcess(b.executable, b.args, &os.ProcAttr{Env: b.env, Files: b.files, Sys: attributes})
}

// fromThread lets this one thread join the group for the moment of the fork: v1 knows threads in
// groups, and what is forked is runtimeUp where the thread is. Memory is charged to where the process's
// first thread is, so the supervisor's own stays outside.
func (b command) fromThread(group cgroup.Group) (process *os.Process, err error) {
	if err := group.JoinThread(syscall.Gettid()); err != nil {
		return nil, err
	}
	process, err = b.start(&syscall.SysProcAttr{})
	if left := group.LeaveThread(syscall.Gettid()); left != nil && err == nil {
		_ = process.Kill()
		_, _ = process.Wait()
		return nil, left
	}
	return process, err
}

// TrampolineFD is where the trampoline finds cgroup.procs.
const TrampolineFD = 6

// byTrampoline starts this program as one that joins the group and then becomes the trial's process:
// exec gives up every page that was charged before.
func (b command) byTrampoline(group cgroup.Group) (*os.Process, error) {
	procs, err := os.OpenFile(filepath.Join(group.Dir(), "cgroup.procs"), os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer procs.Close()
	b.args = append([]string{b.args[0], "enter"}, b.args[1:]...)
	for len(b.files) < TrampolineFD {
		b.files = append(b.files, nil)
	}
	b.files = append(b.files[:TrampolineFD:TrampolineFD], procs)
	return b.start(&syscall.SysProcAttr{})
}

// Enter is the trampoline.
func Enter(args []string) error {
	if _, err := syscall.Write(TrampolineFD, []byte("0")); err != nil {
		return err
	}
	syscall.CloseOnExec(TrampolineFD)
	executable, err := os.Executable()
	if err != nil {
		executable = "/proc/self/exe"
	}
	return syscall.Exec(executable, append([]string{os.Args[0]}, args...), os.Environ())
}

// isTooSmall tells the errors of a fork or exec that the group's limit refused.
func isTooSmall(err error) bool {
	for _, errno := range []syscall.Errno{syscall.ENOMEM, syscall.EAGAIN, syscall.EFAULT} {
		if is(err, errno) {
			return true
		}
	}
	return false
}

// args of the process under test.
func childArgs(executable, mode string, limitBytes int64, gc bool, heapHz int) []string {
	args := []string{filepath.Base(executable), "child", "-mode", mode, "-limit", strconv.FormatInt(limitBytes, 10), "-heap-hz", strconv.Itoa(heapHz)}
	if gc {
		args = append(args, "-gc")
	}
	return args
}
