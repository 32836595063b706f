// What a failure says is read by nobody here: without its stack it costs a fraction.
Error.stackTraceLimit = 0;
