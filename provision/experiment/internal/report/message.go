package report

import (
	"bufio"
	"encoding/json"
	"io"

	"gclab/gcexp/internal/heap"
)

// Message is one line of the pipe, read back. Which fields are set depends on Type.
type Message struct {
	Type       string      `json:"type"`
	Mono       int64       `json:"mono"`
	Step       string      `json:"step"`
	Bytes      int64       `json:"bytes"`
	UsageBytes *int64      `json:"usageBytes"`
	Heap       *heap.Stats `json:"heap"`
	Go         string      `json:"go"`
	GOGC       string      `json:"gogc"`
	GOMEMLIMIT string      `json:"gomemlimit"`
	GODEBUG    string      `json:"godebug"`
	GOMAXPROCS int64       `json:"gomaxprocs"`
	Address    string      `json:"address"`
	Route      string      `json:"route"`
	Status     int64       `json:"status"`
	DurationUs int64       `json:"durationUs"`
}

// Read hands every whole message to handle until the pipe ends. What is no message is dropped: the
// process under test is not trusted with the journal.
func Read(pipe io.Reader, handle func(Message)) {
	lines := bufio.NewReaderSize(pipe, 4096)
	for {
		line, err := lines.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil {
			return
		}
		var m Message
		if json.Unmarshal(line, &m) == nil {
			handle(m)
		}
	}
}
