using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace MnistLstm.Faults;

/// <summary>
/// Requests at fixed times, whether or not earlier ones are answered: what many independent clients do.
/// </summary>
internal sealed class Traffic : IDisposable
{
    /// <summary>Longer than anything in between waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Picture[] _pictures;
    private readonly string _path;

    public Traffic(Uri address, Picture[] pictures, string path = "/predict")
    {
        _pictures = pictures;
        _path = path;
        Client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        })
        {
            BaseAddress = address,
            Timeout = Patience,
        };
    }

    public HttpClient Client { get; }

    /// <param name="perSecond">Requests.</param>
    /// <param name="duration">The time of sending; the last answers are awaited.</param>
    public async Task<Answers> RunAsync(double perSecond, TimeSpan duration)
    {
        var answers = new Answers();
        var underWay = new List<Task>();
        long start = Stopwatch.GetTimestamp();
        for (int n = 0; n < perSecond * duration.TotalSeconds; n++)
        {
            var due = TimeSpan.FromSeconds(n / perSecond);
            TimeSpan early = due - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early);
            }

            underWay.Add(SendAsync(_pictures[n % _pictures.Length], start, due, answers));
        }

        await Task.WhenAll(underWay);
        return answers;
    }

    public void Dispose() => Client.Dispose();

    private async Task SendAsync(Picture picture, long start, TimeSpan due, Answers answers)
    {
        await Task.Yield();
        try
        {
            using HttpResponseMessage response = await Client.PostAsync(_path, picture.Content());
            bool right = response.StatusCode != HttpStatusCode.OK || await picture.IsAnsweredByAsync(response);
            answers.Add(((int)response.StatusCode)
                .ToString(CultureInfo.InvariantCulture), Stopwatch.GetElapsedTime(start) - due);
            if (!right)
            {
                answers.AddWrong();
            }

            if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
                && response.Headers.RetryAfter is null)
            {
                answers.AddWithoutRetryAfter();
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            answers.Add(e.GetType().Name, Stopwatch.GetElapsedTime(start) - due);
        }
    }
}
