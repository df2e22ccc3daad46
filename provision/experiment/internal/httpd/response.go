package httpd

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Response is what is answered.
type Response struct {
	Status int
	// Type is the media type of Body.
	Type string
	// Allow lists the methods, for a 405.
	Allow string
	Body  []byte
	// last ends the connection.
	last bool
}

var reasons = map[int]string{
	200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Payload Too Large",
	414: "URI Too Long", 431: "Request Header Fields Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
}

// Text is the media type of plain text.
const Text = "text/plain; charset=utf-8"

func refuse(status int, why string) *Response {
	return &Response{Status: status, Type: Text, Body: []byte(why + "\n"), last: true}
}

// bytes is the response as it goes over the wire, in one piece.
func (r *Response) bytes(headOnly bool) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nX-Content-Type-Options: nosniff\r\n",
		r.Status, reasons[r.Status], strings.Replace(time.Now().UTC().Format(time.RFC1123), "UTC", "GMT", 1), r.Type, len(r.Body))
	if r.Allow != "" {
		fmt.Fprintf(&out, "Allow: %s\r\n", r.Allow)
	}
	if r.last {
		out.WriteString("Connection: close\r\n\r\n")
	} else {
		// Clients keep a connection for the session when they are told how long it lasts.
		fmt.Fprintf(&out, "Connection: keep-alive\r\nKeep-Alive: timeout=%d\r\n\r\n", int(KeepAlive.Seconds()))
	}
	if !headOnly {
		out.Write(r.Body)
	}
	return out.Bytes()
}
