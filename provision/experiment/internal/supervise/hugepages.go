package supervise

import "syscall"

const prSetTHPDisable = 41

// smallPages turns transparent huge pages off for this process and all it starts, and says whether it
// did (Linux 3.15 and later). Where they are always on, the first touch of each of the runtime's areas
// is charged with 2 MiB at once, two thirds of what the default limit leaves beside the first allocation:
// a third of the trials then died there, and showed nothing of the collector.
func smallPages() bool {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetTHPDisable, 1, 0, 0, 0, 0)
	return errno == 0
}
