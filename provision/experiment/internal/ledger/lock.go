package ledger

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gclab/gcexp/internal/fault"
)

// lockWithin is how long a writer waits for another one, which needs milliseconds.
var lockWithin = 10 * time.Second

// lock is the ledger's folder with the lock that every writer takes, the scripts of provision/guest too. It goes with the descriptor.
func lock(dir string) (*os.File, error) {
	for deadline := time.Now().Add(lockWithin); ; time.Sleep(10 * time.Millisecond) {
		if err := os.MkdirAll(dir, 0755); err != nil {
			return nil, err
		}
		folder, err := os.Open(dir)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		// Who had it before may have removed the folder.
		if err == nil && isStillAt(dir, folder) {
			return folder, nil
		}
		mine, _ := folder.Stat()
		folder.Close()
		switch {
		case err != nil && err != syscall.EINTR && err != syscall.EWOULDBLOCK:
			return nil, err
		case time.Now().After(deadline):
			return nil, taken(dir, mine)
		}
	}
}

func isStillAt(dir string, folder *os.File) bool {
	mine, err := folder.Stat()
	now, gone := os.Stat(dir)
	return err == nil && gone == nil && os.SameFile(mine, now)
}

func taken(dir string, folder os.FileInfo) error {
	who := "another process"
	if pid := holder(folder); pid != "" {
		who = "process " + pid
	}
	return fault.New("failed", fmt.Sprintf("%s has held the lock of the ledger in %s for %d s", who, dir, int(lockWithin.Seconds())),
		"it may have been stopped: look at it with ps, let it go on (kill -CONT) or end it")
}

// holder is the process that has the lock of a folder, as far as the kernel tells: its line ends with PID, device:device:inode, start and end.
func holder(folder os.FileInfo) string {
	stat, isKnown := folder.Sys().(*syscall.Stat_t)
	locks, err := os.Open("/proc/locks")
	if err != nil || !isKnown {
		return ""
	}
	defer locks.Close()
	inode := ":" + strconv.FormatUint(stat.Ino, 10)
	for lines := bufio.NewScanner(locks); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 8 && words[1] == "FLOCK" && strings.HasSuffix(words[5], inode) {
			return words[4]
		}
	}
	return ""
}
