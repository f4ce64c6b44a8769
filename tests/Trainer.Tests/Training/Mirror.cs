using System.Net;

namespace MnistLstm.Trainer.Tests.Training;

/// <summary>An HTTP server on the loopback that has some files.</summary>
internal sealed class Mirror : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Dictionary<string, byte[]> _files;
    private readonly Task _serving;

    /// <param name="files">By name; whatever else is asked for is not found.</param>
    public Mirror(Dictionary<string, byte[]> files)
    {
        _files = files;
        (_listener, Address) = Listen();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The names that were asked for, in order.</summary>
    public List<string> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Stop();
        _serving.Wait();
        _listener.Close();
    }

    private static (HttpListener Listener, Uri Address) Listen()
    {
        // HttpListener cannot choose a port by itself: tries some of those that are for passing use.
        for (int attempt = 0; ; attempt++)
        {
            string address = $"http://127.0.0.1:{Random.Shared.Next(49_152, 65_536)}/";
            var listener = new HttpListener { Prefixes = { address } };
            try
            {
                listener.Start();
                return (listener, new Uri(address));
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException
                or InvalidOperationException)
            {
                // Stopped while it waited, or just before.
                return;
            }

            string name = context.Request.Url!.AbsolutePath[1..];
            Requests.Add(name);
            if (_files.TryGetValue(name, out byte[]? file))
            {
                context.Response.ContentLength64 = file.Length;
                await context.Response.OutputStream.WriteAsync(file);
            }
            else
            {
                context.Response.StatusCode = 404;
            }

            context.Response.Close();
        }
    }
}
