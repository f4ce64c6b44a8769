using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Tests;

public sealed class PictureReaderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly PictureReader _pictures = new(ServiceOptions.Read(new SettingReader(
        new ConfigurationBuilder().AddInMemoryCollection([new("MNIST_WORKERS", "1")]).Build())));

    public void Dispose() => _pictures.Dispose();

    [Fact]
    public async Task Two_pictures_a_worker_are_read_at_once_and_the_next_one_has_the_turn_of_the_first_that_is_done()
    {
        DecodeSlot first = await _pictures.EnterAsync(isLong: false, Deadline.After(Patience), CancellationToken.None);
        using DecodeSlot second = await _pictures.EnterAsync(
            isLong: false, Deadline.After(Patience), CancellationToken.None);
        ValueTask<DecodeSlot> third = _pictures.EnterAsync(
            isLong: false, Deadline.After(Patience), CancellationToken.None);

        third.IsCompleted.ShouldBeFalse();
        first.Dispose();

        using DecodeSlot turn = await third;
        turn.IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_the_deadline_comes_first_no_turn_is_given_and_none_is_lost()
    {
        using (DecodeSlot first = await _pictures.EnterAsync(
            isLong: false, Deadline.After(Patience), CancellationToken.None))
        using (DecodeSlot second = await _pictures.EnterAsync(
            isLong: false, Deadline.After(Patience), CancellationToken.None))
        using (DecodeSlot late = await _pictures.EnterAsync(
            isLong: false, Deadline.After(TimeSpan.Zero), CancellationToken.None))
        {
            late.IsAcquired.ShouldBeFalse();
        }

        using DecodeSlot one = await _pictures.EnterAsync(
            isLong: false, Deadline.After(TimeSpan.Zero), CancellationToken.None);
        using DecodeSlot two = await _pictures.EnterAsync(
            isLong: false, Deadline.After(TimeSpan.Zero), CancellationToken.None);
        (one.IsAcquired && two.IsAcquired).ShouldBeTrue();
        using DecodeSlot three = await _pictures.EnterAsync(
            isLong: false, Deadline.After(TimeSpan.Zero), CancellationToken.None);
        three.IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task What_takes_long_has_turns_of_its_own()
    {
        using DecodeSlot large = await _pictures.EnterAsync(
            isLong: true, Deadline.After(Patience), CancellationToken.None);
        using DecodeSlot late = await _pictures.EnterAsync(
            isLong: true, Deadline.After(TimeSpan.Zero), CancellationToken.None);
        using DecodeSlot one = await _pictures.EnterAsync(
            isLong: false, Deadline.After(TimeSpan.Zero), CancellationToken.None);
        using DecodeSlot two = await _pictures.EnterAsync(
            isLong: false, Deadline.After(TimeSpan.Zero), CancellationToken.None);

        large.IsAcquired.ShouldBeTrue();
        late.IsAcquired.ShouldBeFalse();
        (one.IsAcquired && two.IsAcquired).ShouldBeTrue();
    }

    [Fact]
    public async Task What_takes_long_is_read_in_a_thread_that_is_not_the_pools_and_anything_else_where_it_is()
    {
        await Task.Yield();
        int thread = Environment.CurrentManagedThreadId;
        using DecodeSlot small = await _pictures.EnterAsync(
            isLong: false, Deadline.After(Patience), CancellationToken.None);
        await small.SwitchToDedicatedThread();
        Environment.CurrentManagedThreadId.ShouldBe(thread);

        using DecodeSlot large = await _pictures.EnterAsync(
            isLong: true, Deadline.After(Patience), CancellationToken.None);
        await large.SwitchToDedicatedThread();
        Thread.CurrentThread.IsThreadPoolThread.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_left_when_the_service_ends_is_read_all_the_same()
    {
        DecodeSlot large = await _pictures.EnterAsync(isLong: true, Deadline.After(Patience), CancellationToken.None);
        _pictures.Dispose();

        await large.SwitchToDedicatedThread();

        Thread.CurrentThread.IsThreadPoolThread.ShouldBeTrue();
    }
}
