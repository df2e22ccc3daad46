// Package cgroup makes, limits, reads and removes cgroups, on v1, v2 and hybrid hosts.
package cgroup

import (
	"bufio"
	"io"
	"io/ioutil"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gclab/gcexp/internal/fault"
)

// Hierarchy is where the memory controller is, and where this process stands in it.
type Hierarchy struct {
	// Kind is v1, v2 or hybrid (v1's memory controller beside a v2 mount without one).
	Kind string
	// Mount is the folder the memory controller's tree is mounted on.
	Mount string
	// Own is this process's cgroup, as a path below Mount.
	Own string
	// ReadOnly tells that the mount forbids every change.
	ReadOnly bool
	// others are the trees systemd follows its sessions in, when the memory controller is elsewhere.
	others []place
}

// IsV2 tells whether the memory controller has v2's files.
func (h Hierarchy) IsV2() bool { return h.Kind == "v2" }

// Dir is the folder of a cgroup given by its path below the mount.
func (h Hierarchy) Dir(path string) string { return filepath.Join(h.Mount, path) }

type place struct{ mount, own string }

type mount struct {
	root, point, kind, options string
}

// Detect reads the hierarchy off /proc.
func Detect() (Hierarchy, error) {
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return Hierarchy{}, fault.Wrap("cgroup-unavailable", "looking for cgroups", err, "gcexp needs Linux with /proc")
	}
	defer mounts.Close()
	own, err := ioutil.ReadFile("/proc/self/cgroup")
	if err != nil {
		return Hierarchy{}, fault.Wrap("cgroup-unavailable", "looking for this process's cgroup", err, "the kernel has no cgroups")
	}
	return detect(mounts, string(own))
}

func detect(mountinfo io.Reader, own string) (Hierarchy, error) {
	paths := ownPaths(own)
	var unified, memory *mount
	var others []place
	for _, m := range cgroupMounts(mountinfo) {
		m := m
		switch {
		case m.kind == "cgroup2" && unified == nil:
			unified = &m
		case m.kind == "cgroup" && hasOption(m.options, "memory") && memory == nil:
			memory = &m
		case m.kind == "cgroup" && hasOption(m.options, "name=systemd"):
			others = append(others, placeOf(m, paths["name=systemd"]))
		}
	}
	if memory != nil {
		kind := "v1"
		if unified != nil {
			kind, others = "hybrid", append(others, placeOf(*unified, paths[""]))
		}
		return hierarchyAt(kind, *memory, paths["memory"], others), nil
	}
	if unified == nil {
		return Hierarchy{}, fault.New("cgroup-unavailable", "no cgroup memory controller is mounted", "gclab remote check tells what this kernel can enforce")
	}
	return hierarchyAt("v2", *unified, paths[""], nil), nil
}

func hierarchyAt(kind string, m mount, path string, others []place) Hierarchy {
	p := placeOf(m, path)
	return Hierarchy{Kind: kind, Mount: p.mount, Own: p.own, ReadOnly: hasOption(m.options, "ro"), others: others}
}

// placeOf maps a path of /proc/self/cgroup to one below the mount. In a container that sees the
// host's tree from within, the mount shows only the part below its root.
func placeOf(m mount, path string) place {
	if m.root != "/" && (path == m.root || strings.HasPrefix(path, m.root+"/")) {
		path = strings.TrimPrefix(path, m.root)
	}
	return place{mount: m.point, own: filepath.Join("/", path)}
}

// cgroupMounts are the lines of a mountinfo that mount cgroups, less those that a later one at the same place hides.
func cgroupMounts(mountinfo io.Reader) []mount {
	var found []mount
	lines := bufio.NewScanner(mountinfo)
	for lines.Scan() {
		halves := strings.SplitN(lines.Text(), " - ", 2)
		if len(halves) != 2 {
			continue
		}
		left, right := strings.Fields(halves[0]), strings.Fields(halves[1])
		if len(left) < 6 || len(right) < 3 || !strings.HasPrefix(right[0], "cgroup") {
			continue
		}
		one := mount{root: unescape(left[3]), point: unescape(left[4]), kind: right[0], options: left[5] + "," + right[2]}
		found = append(without(found, one.point), one)
	}
	return found
}

func without(mounts []mount, point string) []mount {
	var left []mount
	for _, m := range mounts {
		if m.point != point {
			left = append(left, m)
		}
	}
	return left
}

// ownPaths reads /proc/self/cgroup: controller → path, with "" for v2.
func ownPaths(text string) map[string]string {
	paths := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 {
			continue
		}
		for _, controller := range strings.Split(parts[1], ",") {
			paths[controller] = parts[2]
		}
	}
	return paths
}

func hasOption(options, wanted string) bool {
	for _, option := range strings.Split(options, ",") {
		if option == wanted {
			return true
		}
	}
	return false
}

// unescape undoes mountinfo's octal escapes (a blank is \040).
func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// IsBelowMount tells whether a path is in some cgroup tree of this host.
func IsBelowMount(path string) bool {
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return false
	}
	defer mounts.Close()
	for _, m := range cgroupMounts(mounts) {
		if strings.HasPrefix(path, m.point+"/") {
			return true
		}
	}
	return false
}
