"""What the modules' READMEs say of their inputs, outputs, dashboard and alarms, made from the modules themselves."""
