package cgroup

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// killAll sends SIGKILL to what is in the cgroup of a folder, never to this process itself.
func killAll(dir string) {
	for _, pid := range processes(dir) {
		if pid != os.Getpid() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

func processes(dir string) []int {
	text, err := read(dir, "cgroup.procs")
	if err != nil {
		return nil
	}
	var pids []int
	for _, word := range strings.Fields(text) {
		// A process of another PID namespace shows as 0, which kill(2) takes for our own group.
		if pid, err := strconv.Atoi(word); err == nil && pid > 1 {
			pids = append(pids, pid)
		}
	}
	return pids
}
