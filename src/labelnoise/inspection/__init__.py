"""What can be seen in the input before anything is trained: copies, and classes that are one."""
