package main

import (
	"flag"
	"time"

	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/size"
)

// options are what a person may ask for.
type options struct {
	config  config.Config
	listen  string
	journal string
}

const help = `gcexp shows how Go's garbage collector goes through a cgroup's memory limit.

usage: gcexp [flags]

It makes a cgroup with a memory limit and no swap, and in it a process that allocates 90 % of the limit,
releases it, and allocates the other 10 %. Though enough memory is free, the collector is not due before
twice the live heap, so the heap grows and the kernel kills the process. With -gc it survives.

  -limit SIZE        the cgroup's memory limit: bytes, or 32MiB, 1.5G (binary), 32MB (decimal); default 32MiB
  -interactive       allocate nothing by itself: answer HTTP instead (see -listen)
  -listen ADDRESS    where the interactive mode answers; default 0.0.0.0:1112
  -gc                collect garbage between the release and the second allocation
  -trials N          run N trials, each a fresh process in a fresh cgroup; default 1
  -gogc VALUE        GOGC of the trial's process; default: as in the environment
  -gomemlimit VALUE  its GOMEMLIMIT (Go 1.19 and later); default: as in the environment
  -sample-hz N       samples of the cgroup's usage a second, for the journal; 0 is off; default 1000
  -timeout DURATION  end the run after this long; default 60s, or never when interactive
  -journal FILE      write what is seen to a new file, one JSON object a line
  -help              show this

Interactive routes, as text, or as JSON with Accept: application/json:
  /add?bytes=n  allocate a slab of n bytes and keep it     /rel?bytes=n  release n bytes of what is kept
  /gc           collect garbage now                        /stats        show the heap
  /reset        release everything and collect             POST /quit    end the trial; it survived

Exit codes: 0 the trials ran (a killed trial is a result), 2 wrong usage, 3 this host cannot do it, 1 anything else.
gclab's own commands: start, follow, stop, clean, version.
`

func parseByHand(args []string) (options, error) {
	o := options{config: config.Default()}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	limit := flags.String("limit", "32MiB", "")
	interactive := flags.Bool("interactive", false, "")
	gogc, gomemlimit := flags.String("gogc", "", ""), flags.String("gomemlimit", "", "")
	timeout := flags.Duration("timeout", 0, "")
	flags.StringVar(&o.listen, "listen", "0.0.0.0:1112", "")
	flags.StringVar(&o.journal, "journal", "", "")
	flags.BoolVar(&o.config.GC, "gc", false, "")
	flags.IntVar(&o.config.Trials, "trials", o.config.Trials, "")
	flags.IntVar(&o.config.SampleHz, "sample-hz", o.config.SampleHz, "")
	if err := parse(flags, args); err != nil {
		return o, err
	}
	var err error
	if o.config.LimitBytes, err = size.Parse(*limit); err != nil {
		return o, wrongUsage("-limit: %v", err)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["gogc"] {
		o.config.GOGC = gogc
		err = checkGOGC(*gogc)
	}
	if given["gomemlimit"] && err == nil {
		o.config.GOMEMLIMIT = gomemlimit
		*gomemlimit, err = goMemLimit(*gomemlimit)
	}
	if err != nil {
		return o, err
	}
	if *interactive {
		o.config.Mode = config.Interactive
	}
	return o, o.bound(*timeout)
}

// forever is a time-out that no run reaches.
const forever = 100 * 365 * 24 * time.Hour

func (o *options) bound(timeout time.Duration) error {
	switch {
	case timeout < 0:
		return wrongUsage("-timeout: %v is negative", timeout)
	case timeout > 0:
		o.config.TimeoutMs = int64((timeout + time.Millisecond - 1) / time.Millisecond)
	case o.config.Mode == config.Interactive:
		o.config.TimeoutMs = int64(forever / time.Millisecond)
	default:
		o.config.TimeoutMs *= int64((o.config.Trials + 59) / 60)
	}
	if err := o.config.Check(); err != nil {
		return wrongUsage("%v", err)
	}
	return nil
}
