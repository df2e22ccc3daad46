package cgroup

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"gclab/gcexp/internal/fault"
)

// What real hosts print, cut to the lines about cgroups.
const (
	ubuntu1804 = `30 22 0:25 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
31 30 0:26 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup rw,nsdelegate
32 30 0:27 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
37 30 0:32 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
38 30 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:17 - cgroup cgroup rw,cpu,cpuacct`
	ubuntu1804Own = "11:memory:/user.slice/user-1000.slice\n1:name=systemd:/user.slice/user-1000.slice/session-3.scope\n0::/user.slice/user-1000.slice/session-3.scope\n"
	debian12      = `27 22 0:24 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot`
	readOnlyBelow = `41 22 0:24 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate
42 41 0:24 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate`
	container = `700 690 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,memory`
)

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		mounts, own string
		want        Hierarchy
	}{
		"hybrid": {ubuntu1804, ubuntu1804Own, Hierarchy{Kind: "hybrid", Mount: "/sys/fs/cgroup/memory", Own: "/user.slice/user-1000.slice", others: []place{
			{"/sys/fs/cgroup/systemd", "/user.slice/user-1000.slice/session-3.scope"}, {"/sys/fs/cgroup/unified", "/user.slice/user-1000.slice/session-3.scope"}}}},
		"v2":                               {debian12, "0::/user.slice/user-0.slice/session-33.scope\n", Hierarchy{Kind: "v2", Mount: "/sys/fs/cgroup", Own: "/user.slice/user-0.slice/session-33.scope"}},
		"a container on v1":                {container, "5:memory:/docker/abc/x\n", Hierarchy{Kind: "v1", Mount: "/sys/fs/cgroup/memory", Own: "/x", ReadOnly: true}},
		"one mounted over a read-only one": {readOnlyBelow, "0::/\n", Hierarchy{Kind: "v2", Mount: "/sys/fs/cgroup", Own: "/"}},
		"a read-only one mounted over it":  {debian12 + "\n" + readOnlyBelow[:strings.Index(readOnlyBelow, "\n")], "0::/\n", Hierarchy{Kind: "v2", Mount: "/sys/fs/cgroup", Own: "/", ReadOnly: true}},
		"a mount point with blanks":        {strings.Replace(debian12, "/sys/fs/cgroup", `/mnt/my\040cgroups`, 1), "0::/\n", Hierarchy{Kind: "v2", Mount: "/mnt/my cgroups", Own: "/"}},
	} {
		got, err := detect(strings.NewReader(c.mounts), c.own)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, c.want)
		}
	}
}

func TestDetectSaysWhenThereIsNoMemoryController(t *testing.T) {
	for _, mounts := range []string{"", "nonsense", "1 2 3 - x", "38 30 0:33 / /sys/fs/cgroup/cpu rw shared:17 - cgroup cgroup rw,cpu"} {
		_, err := detect(strings.NewReader(mounts), "")
		var why *fault.Fault
		if !errors.As(err, &why) || why.Code != "cgroup-unavailable" || why.ExitCode() != 3 {
			t.Errorf("%q: got %v", mounts, err)
		}
	}
}

func TestCheckRoomRefusesWhatAnAncestorWouldEnforceFirst(t *testing.T) {
	mib := func(n int64) *int64 { n <<= 20; return &n }
	for name, c := range map[string]struct {
		chain []Ancestor
		ok    bool
	}{
		"no limits":               {[]Ancestor{{Path: "/a"}, {Path: "/"}}, true},
		"a limit far above":       {[]Ancestor{{Path: "/a", LimitBytes: mib(200)}}, true},
		"an equal limit":          {[]Ancestor{{Path: "/a", LimitBytes: mib(100)}}, false},
		"a limit just above":      {[]Ancestor{{Path: "/a", LimitBytes: mib(101)}}, false},
		"room for both":           {[]Ancestor{{Path: "/a", LimitBytes: mib(102)}}, true},
		"a limit that is half of": {[]Ancestor{{Path: "/a", LimitBytes: mib(200), held: 99 << 20}}, false},
		"a lower limit":           {[]Ancestor{{Path: "/a"}, {Path: "/b", LimitBytes: mib(99)}}, false},
		"memory.high too":         {[]Ancestor{{Path: "/a", LimitBytes: mib(200), HighBytes: mib(50)}}, false},
	} {
		err := CheckRoom(c.chain, 100<<20)
		if (err == nil) != c.ok {
			t.Errorf("%s: got %v", name, err)
		}
		if err != nil && fault.Of(err).Code != "limit-above-ancestor" {
			t.Errorf("%s: got code %s", name, fault.Of(err).Code)
		}
	}
}
