//go:build go1.20
// +build go1.20

package supervise

import (
	"os"
	"syscall"

	"gclab/gcexp/internal/cgroup"
)

// intoCgroup has the kernel make the process in the group (clone3 with CLONE_INTO_CGROUP, Linux 5.7).
func (b command) intoCgroup(group cgroup.Group) (*os.Process, error) {
	dir, err := os.Open(group.Dir())
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return b.start(&syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd())})
}
