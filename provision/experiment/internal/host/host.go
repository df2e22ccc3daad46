// Package host reads what a sceptic would ask about the guest.
package host

import (
	"bufio"
	"io/ioutil"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Facts go into the journal's first line.
type Facts struct {
	GoVersion   string   `json:"goVersion"`
	Kernel      string   `json:"kernel"`
	CommandLine string   `json:"commandLine"`
	Arch        string   `json:"arch"`
	PageBytes   int      `json:"pageBytes"`
	CPUs        int      `json:"cpus"`
	CPUQuota    *float64 `json:"cpuQuota"`
	MemoryBytes int64    `json:"memoryBytes"`
	SwapBytes   int64    `json:"swapBytes"`
	THP         string   `json:"thp"`
	BootID      string   `json:"bootId"`
	UID         int      `json:"uid"`
	// AvailableBytes is how much could be had when the run started.
	AvailableBytes int64 `json:"availableBytes"`
}

// Read reads them; what the guest does not say is empty or zero.
func Read() Facts {
	memory := meminfo()
	return Facts{
		GoVersion:      runtime.Version(),
		Kernel:         line("/proc/sys/kernel/osrelease"),
		CommandLine:    line("/proc/cmdline"),
		Arch:           runtime.GOARCH,
		PageBytes:      os.Getpagesize(),
		CPUs:           runtime.NumCPU(),
		CPUQuota:       cpuQuota(),
		MemoryBytes:    memory["MemTotal"],
		SwapBytes:      memory["SwapTotal"],
		AvailableBytes: memory["MemAvailable"],
		THP:            chosen(line("/sys/kernel/mm/transparent_hugepage/enabled")),
		BootID:         line("/proc/sys/kernel/random/boot_id"),
		UID:            os.Getuid(),
	}
}

func line(path string) string {
	text, _ := ioutil.ReadFile(path)
	return strings.TrimSpace(string(text))
}

// chosen is the word in brackets: "always [madvise] never" is madvise.
func chosen(text string) string {
	from, to := strings.IndexByte(text, '['), strings.IndexByte(text, ']')
	if from < 0 || to < from {
		return text
	}
	return text[from+1 : to]
}

func meminfo() map[string]int64 {
	found := map[string]int64{}
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return found
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		found[strings.TrimSuffix(fields[0], ":")] = kib << 10
	}
	return found
}
