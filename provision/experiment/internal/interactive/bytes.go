package interactive

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// parseEach reads the `each` of a query: the size of the objects to allocate; 0 when it is absent.
func parseEach(rawQuery string, bytes int64) (int64, error) {
	query, _ := url.ParseQuery(rawQuery)
	values := query["each"]
	if len(values) == 0 {
		return 0, nil
	}
	each, err := strconv.ParseInt(values[0], 10, 64)
	if len(values) > 1 || err != nil || each < 1 || each > bytes {
		return 0, fmt.Errorf("'each' is %.40q: want the size of one object, from 1 to 'bytes'", values[0])
	}
	return each, nil
}

// parseBytes reads the `bytes` of a query. What could never be right is refused here, since the Go
// runtime ends the whole process when it is asked for an impossible slab.
func parseBytes(rawQuery string, limitBytes int64) (int64, error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return 0, fmt.Errorf("the query cannot be read, so neither can 'bytes': %v", err)
	}
	values := query["bytes"]
	switch {
	case len(values) == 0:
		return 0, fmt.Errorf("'bytes' is missing: want a whole number, as in ?bytes=1048576")
	case len(values) > 1:
		return 0, fmt.Errorf("'bytes' is given %d times: want it once", len(values))
	case values[0] == "":
		return 0, fmt.Errorf("'bytes' is empty: want a whole number, as in ?bytes=1048576")
	}
	text := values[0]
	if strings.HasPrefix(text, "-") {
		return 0, fmt.Errorf("'bytes' is %.40q: it cannot be negative", text)
	}
	if strings.Trim(text, "0123456789") != "" {
		return 0, fmt.Errorf("'bytes' is %.40q: not a whole number of bytes", text)
	}
	bytes, err := strconv.ParseInt(text, 10, 64)
	if err != nil || bytes > limitBytes {
		return 0, fmt.Errorf("'bytes' is %.40q: more than the whole limit of %d bytes", text, limitBytes)
	}
	return bytes, nil
}
