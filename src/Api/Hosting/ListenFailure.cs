using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Hosting;

/// <summary>Explains in a sentence why the web server could not start listening.</summary>
internal static class ListenFailure
{
    private const string EndPointKey = "endpoint";

    /// <summary>Attaches the address to a socket exception, which does not contain it.</summary>
    public static void Note(SocketException error, EndPoint address) => error.Data[EndPointKey] = address;

    /// <returns>Null if the cause is a defect rather than a setting.</returns>
    public static string? Describe(Exception error, IReadOnlyList<ServerAddress> addresses)
    {
        if (InnerExceptions(error).OfType<SocketException>().FirstOrDefault() is { } socket)
        {
            object address = socket.Data[EndPointKey] ?? Join(addresses);
            return $"The service cannot listen on {address}: "
                + $"{Reason(socket, isFile: address is UnixDomainSocketEndPoint)}";
        }

        if (error is not (IOException or InvalidOperationException or CryptographicException
            or UnauthorizedAccessException or FormatException))
        {
            return null;
        }

        string reason = error.Message.Split('\n')[0].TrimEnd('\r', '.', ' ');
        string advice = addresses.Any(address => address.IsHttps)
            ? " HTTPS needs a certificate: Kestrel__Certificates__Default__Path and "
                + "Kestrel__Certificates__Default__KeyPath name its files."
            : "";
        return $"The service cannot listen on {Join(addresses)}: {reason}.{advice}";
    }

    private static string Reason(SocketException error, bool isFile) => (error.SocketErrorCode, isFile) switch
    {
        (SocketError.AddressAlreadyInUse, false) =>
            "the address is already in use. Stop the other program, or choose another address with --urls.",
        (SocketError.AddressAlreadyInUse, true) =>
            "the file is there already. Stop the program that listens on it, or delete the file if none does.",
        (SocketError.AddressNotAvailable, false) =>
            "this machine does not have the address. Choose one of its own with --urls, or * for all.",
        (SocketError.AddressNotAvailable, true) =>
            "the folder does not exist. Create it, or choose another with --urls.",
        (SocketError.AccessDenied, false) =>
            "the user may not use it. Ports below 1024 are often reserved for root; choose another with --urls.",
        _ => $"{error.Message}. Choose another address with --urls.",
    };

    private static string Join(IEnumerable<ServerAddress> addresses) => string.Join(", ", addresses);

    private static IEnumerable<Exception> InnerExceptions(Exception error)
    {
        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
        {
            yield return inner;
        }
    }
}
