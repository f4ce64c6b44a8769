using System.Runtime.InteropServices;

namespace MnistLstm.Support;

/// <summary>Sends signals to processes, without a process for each that would itself send one when it ends.</summary>
public static partial class Posix
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public static int Continue => OperatingSystem.IsMacOS() ? 19 : 18;

    public static int Stop => OperatingSystem.IsMacOS() ? 17 : 19;

    /// <exception cref="InvalidOperationException">There is no such process, or it may not be signaled.</exception>
    public static void Signal(int process, int signal)
    {
        if (Send(process, signal) != 0)
        {
            throw new InvalidOperationException(
                $"Signal {signal} to process {process}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int process, int signal);
}
