package host

import (
	"path/filepath"
	"strconv"
	"strings"
)

// cpuQuota is the number of cores this process may use by its cgroups, or nil without a bound. It
// looks where the trees are usually mounted; a guest that mounts them elsewhere shows none.
func cpuQuota() *float64 {
	var lowest *float64
	keep := func(cores *float64) {
		if cores != nil && (lowest == nil || *cores < *lowest) {
			lowest = cores
		}
	}
	for _, row := range strings.Split(line("/proc/self/cgroup"), "\n") {
		parts := strings.SplitN(row, ":", 3)
		if len(parts) != 3 {
			continue
		}
		for path := parts[2]; ; path = filepath.Dir(path) {
			if parts[1] == "" {
				keep(quotaV2(line(filepath.Join("/sys/fs/cgroup", path, "cpu.max"))))
			} else if strings.Contains(","+parts[1]+",", ",cpu,") {
				dir := filepath.Join("/sys/fs/cgroup", parts[1], path)
				keep(quotaV2(line(filepath.Join(dir, "cpu.cfs_quota_us")) + " " + line(filepath.Join(dir, "cpu.cfs_period_us"))))
			}
			if path == "/" || path == "." {
				break
			}
		}
	}
	return lowest
}

// quotaV2 reads "quota period", with max or -1 for none.
func quotaV2(text string) *float64 {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return nil
	}
	quota, err := strconv.ParseFloat(fields[0], 64)
	period, bad := strconv.ParseFloat(fields[1], 64)
	if err != nil || bad != nil || quota <= 0 || period <= 0 {
		return nil
	}
	cores := quota / period
	return &cores
}
