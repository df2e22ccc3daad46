package main

import (
	"encoding/json"
	"flag"
	"io/ioutil"
	"os"
	"path/filepath"
	"sort"

	"gclab/gcexp/internal/config"
	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/kernellog"
	"gclab/gcexp/internal/narrate"
	"gclab/gcexp/internal/supervise"
)

// benchmark is what supervision costs: medians over pairs of a bare and a supervised trial.
type benchmark struct {
	Pairs                int     `json:"pairs"`
	BareMsPerTrial       float64 `json:"bareMsPerTrial"`
	SupervisedMsPerTrial float64 `json:"supervisedMsPerTrial"`
	Ratio                float64 `json:"ratio"`
	SupervisedPerSecond  float64 `json:"supervisedTrialsPerSecond"`
	SampleHz             int     `json:"sampleHz"`
	SamplingCoreShare    float64 `json:"samplingCoreShare"`
	SamplingUsPerSample  float64 `json:"samplingUsPerSample"`
}

// bench measures and prints one line of JSON.
func bench(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	b := benchmark{}
	flags.IntVar(&b.Pairs, "pairs", 100, "")
	flags.IntVar(&b.SampleHz, "sample-hz", 1000, "")
	if err := parse(flags, args); err != nil {
		return err
	}
	if b.Pairs < 1 {
		return wrongUsage("gcexp bench: -pairs must be above 0")
	}
	dir, err := ioutil.TempDir("", "gcexp-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := b.measure(dir); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(b)
}

func (b *benchmark) measure(dir string) error {
	r, err := b.run(dir)
	if err != nil {
		return err
	}
	defer func() { _ = r.Guest.Subtree.Remove() }()
	if err := r.Guest.Subtree.Build(); err != nil {
		return err
	}
	var bare, supervised []float64
	for i := 1; i <= b.Pairs; i++ {
		one, other, err := r.Pair(i)
		if err != nil {
			return err
		}
		bare, supervised = append(bare, one.Seconds()*1000), append(supervised, other.Seconds()*1000)
	}
	b.BareMsPerTrial, b.SupervisedMsPerTrial = median(bare), median(supervised)
	b.Ratio, b.SupervisedPerSecond = b.SupervisedMsPerTrial/b.BareMsPerTrial, 1000/b.SupervisedMsPerTrial
	if spent := r.Spent(); spent.Samples > 0 {
		b.SamplingCoreShare = spent.CPU.Seconds() / spent.Wall.Seconds()
		b.SamplingUsPerSample = spent.CPU.Seconds() * 1e6 / float64(spent.Samples)
	}
	return r.Journal.Close()
}

func (b *benchmark) run(dir string) (*supervise.Run, error) {
	c := config.Default()
	c.Run, c.Trials, c.SampleHz = "bench-"+unique(), b.Pairs, b.SampleHz
	guest, err := supervise.Inspect(cgroupName(c.Run), false)
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(filepath.Join(dir, "journal.ndjson"))
	if err != nil {
		return nil, err
	}
	log, err := create(filepath.Join(dir, "experiment.log"))
	if err != nil {
		return nil, err
	}
	executable, err := os.Executable()
	return &supervise.Run{
		Config: c, Guest: guest, Env: c.ChildEnv(config.WithoutKnobs(os.Environ())), Journal: j, Tell: narrate.New(log),
		Kernel: kernellog.Open(log), Stop: supervise.NewStop(), Executable: executable,
	}, err
}

func median(values []float64) float64 {
	ordered := append([]float64{}, values...)
	sort.Float64s(ordered)
	return ordered[len(ordered)/2]
}
