using System.Globalization;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Tests;

public sealed class PictureReaderTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly PictureReader _pictures = new(ServiceOptions.Read(new SettingReader(
        new ConfigurationBuilder().AddInMemoryCollection([new("MNIST_WORKERS", "1")]).Build())));

    public void Dispose() => _pictures.Dispose();

    [Fact]
    public async Task Each_worker_has_two_slots_and_a_waiting_picture_gets_the_first_free_one()
    {
        DecodeSlot first = await EnterAsync(isExpensive: false, Timeout);
        using DecodeSlot second = await EnterAsync(isExpensive: false, Timeout);
        ValueTask<DecodeSlot> third = EnterAsync(isExpensive: false, Timeout);

        third.IsCompleted.ShouldBeFalse();
        first.Dispose();

        using DecodeSlot slot = await third;
        slot.IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task A_slot_that_is_not_acquired_before_the_deadline_is_not_lost()
    {
        using (DecodeSlot first = await EnterAsync(isExpensive: false, Timeout))
        using (DecodeSlot second = await EnterAsync(isExpensive: false, Timeout))
        using (DecodeSlot late = await EnterAsync(isExpensive: false, TimeSpan.Zero))
        {
            late.IsAcquired.ShouldBeFalse();
        }

        using DecodeSlot one = await EnterAsync(isExpensive: false, TimeSpan.Zero);
        using DecodeSlot two = await EnterAsync(isExpensive: false, TimeSpan.Zero);
        (one.IsAcquired && two.IsAcquired).ShouldBeTrue();
        using DecodeSlot three = await EnterAsync(isExpensive: false, TimeSpan.Zero);
        three.IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task Expensive_work_has_its_own_slots()
    {
        using DecodeSlot large = await EnterAsync(isExpensive: true, Timeout);
        using DecodeSlot late = await EnterAsync(isExpensive: true, TimeSpan.Zero);
        using DecodeSlot one = await EnterAsync(isExpensive: false, TimeSpan.Zero);
        using DecodeSlot two = await EnterAsync(isExpensive: false, TimeSpan.Zero);

        large.IsAcquired.ShouldBeTrue();
        late.IsAcquired.ShouldBeFalse();
        (one.IsAcquired && two.IsAcquired).ShouldBeTrue();
    }

    [Fact]
    public async Task Expensive_work_runs_on_a_dedicated_thread_and_cheap_work_on_the_callers()
    {
        await Task.Yield();
        int thread = Environment.CurrentManagedThreadId;
        using DecodeSlot small = await EnterAsync(isExpensive: false, Timeout);
        await small.SwitchToDedicatedThread();
        Environment.CurrentManagedThreadId.ShouldBe(thread);

        using DecodeSlot large = await EnterAsync(isExpensive: true, Timeout);
        await large.SwitchToDedicatedThread();
        Thread.CurrentThread.IsThreadPoolThread.ShouldBeFalse();
    }

    [Fact]
    public async Task Expensive_work_yields_to_cheap_work()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads have a priority of their own on Linux only.");
        int usual = Niceness();
        using DecodeSlot large = await EnterAsync(isExpensive: true, Timeout);
        await large.SwitchToDedicatedThread();
        int lowered = Niceness();
        await Task.Yield(); // to the thread pool

        lowered.ShouldBe(Math.Max(usual, 10));
        Niceness().ShouldBe(usual);
    }

    [Fact]
    public Task After_expensive_work_the_request_continues_in_the_thread_pool() => Task.Run(async () =>
    {
        await _pictures.RunAsync(
            isExpensive: true, 0, (_, _) => Thread.CurrentThread.IsThreadPoolThread.ShouldBeFalse(),
            Deadline.After(Timeout), CancellationToken.None);
        Thread.CurrentThread.IsThreadPoolThread.ShouldBeTrue();

        await _pictures.ParseAsync<int, object>(
            isExpensive: true, 0, _ => default, Deadline.After(Timeout), CancellationToken.None);
        Thread.CurrentThread.IsThreadPoolThread.ShouldBeTrue();
    });

    [Fact]
    public async Task Expensive_work_that_outlives_the_service_still_runs()
    {
        DecodeSlot large = await EnterAsync(isExpensive: true, Timeout);
        _pictures.Dispose();

        await large.SwitchToDedicatedThread();

        Thread.CurrentThread.IsThreadPoolThread.ShouldBeTrue();
    }

    /// <summary>That of this thread: the 19th field, of which the second is a name in parentheses.</summary>
    private static int Niceness()
    {
        string[] fields = File.ReadAllText("/proc/thread-self/stat").Split(')')[^1].Split(' ');
        return int.Parse(fields[17], CultureInfo.InvariantCulture);
    }

    private ValueTask<DecodeSlot> EnterAsync(bool isExpensive, TimeSpan timeout) =>
        _pictures.EnterAsync(isExpensive, Deadline.After(timeout), CancellationToken.None);
}
