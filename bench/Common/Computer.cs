using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MnistLstm.Bench;

/// <summary>The computer that measures.</summary>
internal static class Computer
{
    /// <summary>The processor's name; on Arm, Linux does not say it.</summary>
    public static string Processor =>
        File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1]
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>A port of the loopback that nobody uses.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
