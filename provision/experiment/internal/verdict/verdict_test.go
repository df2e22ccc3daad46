package verdict

import "testing"

func n(i int64) *int64 { return &i }

func exit(code int) *int { return &code }

const limit = int64(32 << 20)

func TestOf(t *testing.T) {
	v2 := func(oom, kill, local *int64) Counts { return Counts{OOM: oom, OOMKill: kill, OOMLocal: local} }
	v1 := func(kill, peak *int64) Counts { return Counts{OOMKill: kill, PeakBytes: peak} }
	for name, c := range map[string]struct {
		e    Evidence
		want Kind
	}{
		"exit 0 survived on v2":                          {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(0), n(0), n(0)), Code: exit(0)}, Survived},
		"exit 0 survived although the limit was touched": {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(2), n(0), n(2)), Code: exit(0)}, Survived},
		"exit 0 survived on a kernel without counters":   {Evidence{Code: exit(0)}, Survived},
		"exit 0 with a counted kill is a contradiction":  {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(1), n(1), n(1)), Code: exit(0)}, Inconclusive},
		"exit 2 is the program's own failure":            {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(0), n(0), n(0)), Code: exit(2)}, Inconclusive},
		"exit 137 is no kill":                            {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(0), n(0), n(0)), Code: exit(137)}, Inconclusive},
		"neither code nor signal":                        {Evidence{}, Inconclusive},
		"SIGTERM is never the OOM killer's":              {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(1), n(1), n(1)), Signal: "SIGTERM"}, Inconclusive},
		"v2: own limit and kill":                         {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(1), n(1), n(1)), Signal: "SIGKILL"}, OOMKilled},
		"v2: kill without own oom is an ancestor's":      {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(0), n(1), n(0)), Signal: "SIGKILL"}, Inconclusive},
		"v2: own oom without kill is somebody's SIGKILL": {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(1), n(0), n(1)), Signal: "SIGKILL"}, Inconclusive},
		"v2: SIGKILL and nothing counted":                {Evidence{CgroupV2: true, Before: v2(n(0), n(0), n(0)), After: v2(n(0), n(0), n(0)), Signal: "SIGKILL"}, Inconclusive},
		"v2: counters that were above zero must rise":    {Evidence{CgroupV2: true, Before: v2(n(3), n(3), n(3)), After: v2(n(3), n(3), n(3)), Signal: "SIGKILL"}, Inconclusive},
		"v2 before 5.2: memory.events is local":          {Evidence{CgroupV2: true, Before: v2(n(0), n(0), nil), After: v2(n(1), n(1), nil), Signal: "SIGKILL"}, OOMKilled},
		"v2 before 5.2: an ancestor's":                   {Evidence{CgroupV2: true, Before: v2(n(0), n(0), nil), After: v2(n(0), n(1), nil), Signal: "SIGKILL"}, Inconclusive},
		"v2 without any oom counter":                     {Evidence{CgroupV2: true, Before: v2(nil, n(0), nil), After: v2(nil, n(1), nil), Signal: "SIGKILL"}, Inconclusive},
		"v1: kill at the limit":                          {Evidence{Before: v1(n(0), n(0)), After: v1(n(1), n(limit)), Signal: "SIGKILL"}, OOMKilled},
		"v1: kill a few pages below the limit":           {Evidence{Before: v1(n(0), n(0)), After: v1(n(1), n(limit-16*4096)), Signal: "SIGKILL"}, OOMKilled},
		"v1: kill far below the limit is another's":      {Evidence{Before: v1(n(0), n(0)), After: v1(n(1), n(limit-17*4096)), Signal: "SIGKILL"}, Inconclusive},
		"v1: peak at the limit without a kill":           {Evidence{Before: v1(n(0), n(0)), After: v1(n(0), n(limit)), Signal: "SIGKILL"}, Inconclusive},
		"v1: kill and no peak":                           {Evidence{Before: v1(n(0), nil), After: v1(n(1), nil), Signal: "SIGKILL"}, Inconclusive},
		"v1 before 4.13 counts no kills":                 {Evidence{Before: v1(nil, n(0)), After: v1(nil, n(limit)), Signal: "SIGKILL"}, Inconclusive},
	} {
		c.e.LimitBytes, c.e.PageBytes = limit, 4096
		kind, reason := Of(c.e)
		if kind != c.want || reason == "" {
			t.Errorf("%s: got %s (%s), want %s", name, kind, reason, c.want)
		}
	}
}
