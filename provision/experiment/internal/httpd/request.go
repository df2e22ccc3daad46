package httpd

import (
	"bufio"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// Request is what was asked.
type Request struct {
	Method string
	Path   string
	// RawQuery is what stands behind the question mark.
	RawQuery string
	headers  map[string]string
	// keepAlive tells that the client will send more.
	keepAlive bool
}

// Header is a header's value, several of one name joined by commas; empty when there is none.
func (r Request) Header(name string) string { return r.headers[strings.ToLower(name)] }

// read takes one request off a connection. refused answers what is no request; the connection ends.
func read(from *bufio.Reader, client io.Writer) (request Request, refused *Response) {
	left := maxHead
	line, ok := readLine(from, &left)
	if line == "" && ok {
		// Some clients send an empty line after a body.
		line, ok = readLine(from, &left)
	}
	if !ok && left <= 0 {
		return request, refuse(414, "the request's first line is too long")
	}
	words := strings.Split(line, " ")
	if !ok || len(words) != 3 || !isVersion(words[2]) {
		return request, refuse(400, "this is no HTTP/1.1 request")
	}
	target, err := url.ParseRequestURI(words[1])
	if err != nil {
		return request, refuse(400, "the request's target cannot be read")
	}
	request = Request{Method: words[0], Path: target.Path, RawQuery: target.RawQuery, headers: map[string]string{}}
	if refused = request.readHeaders(from, &left); refused != nil {
		return request, refused
	}
	request.keepAlive = !request.connection("close") && (words[2] != "HTTP/1.0" || request.connection("keep-alive"))
	return request, request.skipBody(from, client)
}

// isVersion tells HTTP/1.0, HTTP/1.1 and what may come of it.
func isVersion(word string) bool {
	minor := strings.TrimPrefix(word, "HTTP/1.")
	return minor != word && len(minor) == 1 && minor[0] >= '0' && minor[0] <= '9'
}

// connection tells whether the header Connection lists a word.
func (r Request) connection(word string) bool {
	for _, listed := range strings.Split(r.Header("connection"), ",") {
		if strings.EqualFold(strings.TrimSpace(listed), word) {
			return true
		}
	}
	return false
}

func (r *Request) readHeaders(from *bufio.Reader, left *int) *Response {
	for {
		line, ok := readLine(from, left)
		if !ok && *left <= 0 {
			return refuse(431, "the request's header is too large")
		}
		if !ok {
			return refuse(400, "the request's header was cut off")
		}
		if line == "" {
			return nil
		}
		colon := strings.IndexByte(line, ':')
		// A name with a space in it (a folded line has one in front) is read in two ways by two servers.
		if colon < 1 || strings.ContainsAny(line[:colon], " \t") {
			return refuse(400, "a line of the request's header has no name, or a space in it")
		}
		name, value := strings.ToLower(line[:colon]), strings.TrimSpace(line[colon+1:])
		if before, twice := r.headers[name]; twice {
			value = before + ", " + value
		}
		r.headers[name] = value
	}
}

// readLine reads up to a newline, from what is left of the header's bound.
func readLine(from *bufio.Reader, left *int) (line string, ok bool) {
	var text []byte
	for {
		piece, err := from.ReadSlice('\n')
		text = append(text, piece...)
		if *left -= len(piece); *left <= 0 {
			return "", false
		}
		if err == nil {
			return strings.TrimSuffix(string(text[:len(text)-1]), "\r"), true
		}
		if err != bufio.ErrBufferFull {
			return "", false
		}
	}
}

// skipBody reads past a body: no route takes one.
func (r *Request) skipBody(from *bufio.Reader, client io.Writer) *Response {
	length, chunked := r.Header("content-length"), strings.EqualFold(r.Header("transfer-encoding"), "chunked")
	if r.Header("transfer-encoding") != "" && (!chunked || length != "") {
		return refuse(400, "the request's transfer encoding is not known")
	}
	if length == "" && !chunked {
		return nil
	}
	if strings.EqualFold(r.Header("expect"), "100-continue") {
		_, _ = io.WriteString(client, "HTTP/1.1 100 Continue\r\n\r\n")
	}
	if chunked {
		return skipChunks(from)
	}
	bytes, err := strconv.ParseUint(length, 10, 63)
	if err != nil {
		return refuse(400, "the request's Content-Length is no number")
	}
	return skip(from, int64(bytes))
}

func skip(from *bufio.Reader, bytes int64) *Response {
	if bytes > maxBody {
		return refuse(413, "the request's body is too large")
	}
	for bytes > 0 {
		n, err := from.Discard(int(bytes))
		if err != nil {
			return refuse(400, "the request's body was cut off")
		}
		bytes -= int64(n)
	}
	return nil
}

func skipChunks(from *bufio.Reader) *Response {
	for total, left := int64(0), maxHead; ; {
		line, ok := readLine(from, &left)
		size, err := strconv.ParseUint(strings.TrimSpace(strings.SplitN(line, ";", 2)[0]), 16, 31)
		if !ok || err != nil {
			return refuse(400, "a chunk of the request's body cannot be read")
		}
		if size == 0 {
			return skipTrailer(from, &left)
		}
		total += int64(size)
		if total > maxBody {
			return refuse(413, "the request's body is too large")
		}
		if refused := skip(from, int64(size)); refused != nil {
			return refused
		}
		if end, ok := readLine(from, &left); !ok || end != "" {
			return refuse(400, "a chunk of the request's body does not end where it says")
		}
	}
}

func skipTrailer(from *bufio.Reader, left *int) *Response {
	for {
		line, ok := readLine(from, left)
		if !ok {
			return refuse(400, "the request's body was cut off")
		}
		if line == "" {
			return nil
		}
	}
}
