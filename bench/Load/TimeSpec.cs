namespace MnistLstm.Load;

/// <summary>As <c>struct timespec</c> on 64-bit Linux.</summary>
internal readonly record struct TimeSpec(long Seconds, long Nanoseconds);
