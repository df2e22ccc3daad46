//go:build !go1.20
// +build !go1.20

package supervise

import (
	"os"
	"syscall"

	"gclab/gcexp/internal/cgroup"
)

// intoCgroup is not to be had from the standard library before Go 1.20.
func (b command) intoCgroup(cgroup.Group) (*os.Process, error) { return nil, syscall.ENOSYS }
