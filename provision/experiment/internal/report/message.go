package report

import (
	"encoding/json"

	"gclab/gcexp/internal/heap"
)

// Message is one line of the pipe, read back. Which fields are set depends on Type.
type Message struct {
	Type       string      `json:"type"`
	Mono       int64       `json:"mono"`
	Step       string      `json:"step"`
	Bytes      int64       `json:"bytes"`
	Number     int64       `json:"number"`
	UsageBytes *int64      `json:"usageBytes"`
	Heap       *heap.Stats `json:"heap"`
	Go         string      `json:"go"`
	GOGC       string      `json:"gogc"`
	GOMEMLIMIT string      `json:"gomemlimit"`
	GODEBUG    string      `json:"godebug"`
	GOMAXPROCS int64       `json:"gomaxprocs"`
	RuntimeUp  int64       `json:"runtimeUp"`
	Address    string      `json:"address"`
	Route      string      `json:"route"`
	Key        string      `json:"key"`
	Status     int64       `json:"status"`
	DurationUs int64       `json:"durationUs"`
}

// Parse reads one line; ok is false for what is no message.
func Parse(line []byte) (m Message, ok bool) {
	err := json.Unmarshal(line, &m)
	return m, err == nil && m.Type != ""
}
