package pagecache

import "syscall"

// isMemory tells a file system whose pages are all there is of its files.
func isMemory(folder string) bool {
	const tmpfs, ramfs = 0x01021994, 0x858458f6
	var stat syscall.Statfs_t
	if syscall.Statfs(folder, &stat) != nil {
		return false
	}
	return int64(stat.Type) == tmpfs || int64(stat.Type) == ramfs
}
