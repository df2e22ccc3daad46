// Package heap reads the Go heap of this very process.
package heap

// Stats is what docs/wire.md calls `heap`.
type Stats struct {
	AllocBytes    uint64 `json:"allocBytes"`
	IdleBytes     uint64 `json:"idleBytes"`
	InUseBytes    uint64 `json:"inUseBytes"`
	ReleasedBytes uint64 `json:"releasedBytes"`
	SysBytes      uint64 `json:"sysBytes"`
	NextGCBytes   uint64 `json:"nextGCBytes"`
	NumGC         uint64 `json:"numGC"`
}
