using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(MnistLstm.Browser.Tests.Site))]

namespace MnistLstm.Browser.Tests;

/// <summary>The running service, and a real Chromium to visit it with.</summary>
public sealed partial class Site : IAsyncLifetime
{
    /// <summary>Names the browser's program; without it the usual names are looked for on the PATH.</summary>
    private const string BrowserVariable = "CHROMIUM_PATH";

    /// <summary>
    /// 1: traces also hold how the page looked before and after each action. That takes three times as long.
    /// </summary>
    private const string FilmVariable = "FILM_TESTS";

    /// <summary>Chromium as root in a container, without a display and without calls to its maker.</summary>
    private static readonly string[] Arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];

    /// <summary>A machine that is busy with other things is slow, not wrong.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Service? _service;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Screenshots, and what is kept of a test that failed.</summary>
    public static string Artifacts { get; } = Repository.PathOf("artifacts", "browser-tests");

    public Uri Address => _service!.Address;

    public string BrowserVersion => _browser!.Version;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        _service = await Service.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = FindChromium(),
            Args = Arguments,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    /// <summary>
    /// Opens the page, does the test, and demands that nothing was complained of in the console and nothing asked of
    /// other hosts. Of a visit that fails, a screenshot and a trace are kept.
    /// </summary>
    public async Task VisitAsync(Visit visit, Func<DrawingPage, Task> test)
    {
        Uri address = visit.Service ?? Address;
        await using IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = visit.Width, Height = visit.Height },
            DeviceScaleFactor = visit.Scale,
            ColorScheme = visit.Scheme,
            ReducedMotion = visit.Motion,
            HasTouch = visit.ByFinger,
            IsMobile = visit.ByFinger,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        bool isFilmed = Environment.GetEnvironmentVariable(FilmVariable) == "1";
        await context.Tracing.StartAsync(new TracingStartOptions { Screenshots = isFilmed, Snapshots = isFilmed });
        IPage page = await context.NewPageAsync();
        ConcurrentQueue<string> complaints = ListenTo(page, address, visit.ExpectedComplaint);
        if (visit.InitScript is { } script)
        {
            await page.AddInitScriptAsync(script);
        }

        try
        {
            await page.GotoAsync(visit.Path);
            await test(new DrawingPage(page));
            complaints.ShouldBeEmpty();
            await context.Tracing.StopAsync();
        }
        catch
        {
            await KeepAsync(context, page);
            throw;
        }
    }

    private static ConcurrentQueue<string> ListenTo(IPage page, Uri address, string? expected)
    {
        var complaints = new ConcurrentQueue<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsExpected(message.Text))
            {
                complaints.Enqueue($"console {message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) =>
        {
            if (!IsExpected(error))
            {
                complaints.Enqueue($"uncaught: {error}");
            }
        };
        page.Request += (_, request) =>
        {
            var asked = new Uri(request.Url);
            if (asked.Scheme is not ("data" or "blob") && asked.Authority != address.Authority)
            {
                complaints.Enqueue($"asked another host: {request.Url}");
            }
        };
        return complaints;

        bool IsExpected(string complaint) =>
            expected is not null && complaint.Contains(expected, StringComparison.Ordinal);
    }

    private static async Task KeepAsync(IBrowserContext context, IPage page)
    {
        string name = NotInFileNames().Replace(TestContext.Current.Test?.TestDisplayName ?? "visit", "-");
        string folder = Path.Combine(Artifacts, "failures", name);
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(folder, "screenshot.png"),
            FullPage = true,
        });
        await context.Tracing.StopAsync(new TracingStopOptions { Path = Path.Combine(folder, "trace.zip") });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"Screenshot and trace are in {folder}; https://trace.playwright.dev shows the trace.");
    }

    private static string FindChromium()
    {
        if (Environment.GetEnvironmentVariable(BrowserVariable) is { Length: > 0 } path)
        {
            return path;
        }

        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"No Chromium was found. ./test.sh installs it; or set {BrowserVariable} to where it is.");
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]+")]
    private static partial Regex NotInFileNames();
}
