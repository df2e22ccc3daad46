package report

// BeginNumbered is Begin for the step of a scenario: number is that of its line in the list.
func (w *Writer) BeginNumbered(step string, bytes int64, number int) {
	w.open("begin")
	w.text("step", step)
	w.number("bytes", bytes)
	w.number("number", int64(number))
	w.send()
}

// StepNumbered is Step for the step of a scenario.
func (w *Writer) StepNumbered(step string, bytes int64, number int) {
	w.open("step")
	w.text("step", step)
	w.number("bytes", bytes)
	w.number("number", int64(number))
	w.addUsage()
	w.addHeap()
	w.send()
}

// GaveUp tells that a scenario could not go on, and why.
func (w *Writer) GaveUp(why string) {
	w.open("gave-up")
	w.text("step", why)
	w.send()
}
