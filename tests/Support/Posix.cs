using System.Runtime.InteropServices;

namespace MnistLstm.Faults;

/// <summary>Signals by number, as Linux has them.</summary>
internal static partial class Posix
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

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
